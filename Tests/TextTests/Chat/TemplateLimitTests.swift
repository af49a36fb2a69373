import Foundation
import Testing
import Text

/// A template from a hostile file can be refused, but neither hang nor crash nor exhaust memory.
@Suite struct TemplateLimitTests {
    static let nests = [
        String(repeating: "(", count: 20_000), "{{ " + String(repeating: "(", count: 20_000) + "1",
        "{{ " + String(repeating: "[", count: 20_000) + " }}",
        "{{ " + String(repeating: "not ", count: 20_000) + "1 }}",
        "{{ " + String(repeating: "-", count: 20_000) + "1 }}",
        "{{ x" + String(repeating: ".a", count: 20_000) + " }}",
        "{{ 1" + String(repeating: " - 1", count: 20_000) + " }}",
        "{{ x" + String(repeating: "|list", count: 20_000) + " }}",
        String(repeating: "{% if 1 %}", count: 10_000), String(repeating: "{% for x in y %}", count: 10_000),
        "{% for " + String(repeating: "(", count: 20_000) + " in x %}",
        "{{ 1" + String(repeating: " if 1 else 1", count: 10_000) + "}}",
        "{{ 1" + String(repeating: " and 1", count: 20_000) + " }}",
        "{{ {" + String(repeating: "1:{", count: 20_000) + " }}",
    ]

    @Test(arguments: nests.indices)
    func sourceThatNestsWithoutEndIsRefused(index: Int) {
        let outcome = Outcome { try Template(Self.nests[index]).render([:], now: .distantPast) }
        if case .failed = outcome { return }
        #expect(index == 0)  // plain text
    }

    @Test(arguments: [
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% set c = 1 %}{% endfor %}{% endfor %}",
        "{{ range(1000000000) }}",
        "{{ 'a' * 10000000000 }}",
        "{{ [1] * 10000000000 }}",
        "{{ ('abc' * 1000000) * 9223372036854775807 }}",
        "{% set ns = namespace(x='ab') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=['ab']) %}{% for i in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=[]) %}{% for i in range(99999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=[]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x|tojson }}",
        "{% set ns = namespace(x=[]) %}{% for i in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
        "{% set a = namespace(x=[]) %}{% set b = namespace(x=[]) %}{% for i in range(99) %}{% set a.x = [a.x, a.x] %}"
            + "{% set b.x = [b.x, b.x] %}{% endfor %}{{ a.x == b.x }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m(x) %}{% for i in [1, 2] %}{{ m(i) }}{{ m(i) }}{% endfor %}{% endmacro %}{{ m(1) }}",
        "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% set x = 'a' * 1000000 %}{% for i in range(99999) %}{{ x.replace('a', 'bb')|length }}{% endfor %}",
        "{% set x = 'a' * 1000000 %}{% for i in range(99999) %}{% if 'b' in x %}{% endif %}{% endfor %}",
        "{% set x = 'a' * 1000000 %}{% set y = x ~ '' %}{% for i in range(99999) %}{% if x == y %}{% endif %}{% endfor %}",
        "{{ 9223372036854775807 + 1 }}", "{{ -9223372036854775807 - 2 }}", "{{ 9223372036854775807 * 2 }}",
        "{{ (-9223372036854775807 - 1) // -1 }}", "{{ (-9223372036854775807 - 1)|abs }}", "{{ 10 ** 100 }}",
        "{{ -(-9223372036854775807 - 1) }}", "{{ 99999999999999999999 }}", "{{ 1e999 }}",
        "{{ 'a' * 9223372036854775807 }}",
        "{{ 'x'.zfill(9999999999) }}", "{{ range(1, 2, 3, 4) }}", "{{ 2 ** 9223372036854775807 }}", "{{ 1e300|int }}",
        "{{ [1, 2]|batch(9223372036854775807) }}", "{{ [1]|slice(99999999999) }}",
    ])
    func aRenderingThatOutgrowsItsLimitsIsStopped(source: String) {
        let outcome = Outcome {
            var template = try Template(source)
            template.limits.steps = 300_000
            template.limits.bytes = 1 << 23
            return try template.render([:], now: .distantPast)
        }
        guard case .failed = outcome else {
            Issue.record("\(source) was rendered")
            return
        }
    }

    @Test func extremeSlicesAndFormatsDoNotTrap() throws {
        let source = """
            {{ 'abc'[-9223372036854775807:9223372036854775807:9223372036854775807] }}{{ [1, 2][9223372036854775807:] }}\
            {{ [1, 2][::-9223372036854775807] }}{{ 'ab'[9223372036854775807] }}{{ (-9223372036854775807 - 1) % -1 }}\
            {{ '%99999999999d' % 1 == '' }}{{ (1e300 * 1e300)|int }}{{ 'a'|center(-5) }}{{ 1|round(-400) }}\
            {{ 'abc'|truncate(-9223372036854775807) }}{{ 'a'.ljust(-9223372036854775807 - 1) }}{{ '5'.zfill(-9223372036854775807 - 1) }}\
            {{ range(9223372036854775800, 9223372036854775807, 5) }}{{ range(-9223372036854775807, -9223372036854775800, 6) }}\
            {{ 'a'|center(-9223372036854775807 - 1) }}{{ 'abc'.find('b', -9223372036854775807) }}{{ 'a,b'.split(',', -9223372036854775807) }}\
            {{ 'aa'.replace('a', 'b', -9223372036854775807) }}{{ [1][-9223372036854775807] }}{{ 'a'.rsplit('b', 9223372036854775807) }}{{ 'a\\nb'|indent(-5) }}
            """
        _ = try Template(source).render([:], now: .distantPast)
    }

    @Test func namespacesThatHoldEachOtherAreReleased() throws {
        let source = "{% set a = namespace() %}{% set b = namespace(a=a) %}{% set a.b = b %}{{ a.b.a.b.a == a }}"
        #expect(try Template(source).render([:], now: .distantPast) == "True")
    }
}
