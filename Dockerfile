# Two stages: the compiler builds, Debian runs. No model is inside; the volume keeps what is pulled.
#
#   docker build -t yuyan .
#   docker run --rm -v yuyan:/var/lib/yuyan yuyan pull qwen2.5-coder-0.5b-instruct
#   docker run -d -p 127.0.0.1:8080:8080 -v yuyan:/var/lib/yuyan yuyan
FROM swift:6.3-bookworm AS build
RUN apt-get update -qq && apt-get install -qq -y --no-install-recommends make libsqlite3-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Package.swift Makefile ./
COPY scripts scripts
COPY Sources Sources
COPY Tests Tests
RUN make install DESTDIR=/stage PREFIX=/usr

FROM debian:bookworm-slim
RUN apt-get update -qq \
    && apt-get install -qq -y --no-install-recommends ca-certificates libcurl4 libsqlite3-0 libstdc++6 tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home-dir /var/lib/yuyan --create-home --shell /usr/sbin/nologin yuyan
COPY --from=build /stage/usr /usr
USER yuyan
ENV YUYAN_HOME=/var/lib/yuyan YUYAN_HOST=0.0.0.0 YUYAN_PORT=8080
WORKDIR /etc/yuyan
VOLUME /var/lib/yuyan
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=3s --start-period=30s CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health HTTP/1.0\\r\\n\\r\\n' >&3 && head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["yuyan"]
CMD ["serve"]
