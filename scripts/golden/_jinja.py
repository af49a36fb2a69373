"""Small templates, one for each thing that a chat template may do."""

import re

VARIABLES = {
    "text": "  Hello, Wörld 你好!  ",
    "word": "swift",
    "number": 7,
    "real": 2.5,
    "yes": True,
    "nothing": None,
    "empty": "",
    "list": [3, 1, 2],
    "words": ["pear", "Apple", "fig", "apple"],
    "mixed": [1, "a", None, True, 2.0, [1, {"k": "v"}]],
    "map": {"b": 1, "a": {"c": [1, 2]}, "items": "shadowed", "名": "值"},
    "people": [
        {"name": "Ann", "age": 30, "role": "user"},
        {"name": "Bob", "age": 25, "role": "tool", "tags": ["x", "y"]},
        {"name": "Cid", "age": 30, "role": "user"},
    ],
    "tree": [{"n": 1, "kids": [{"n": 2, "kids": []}, {"n": 3, "kids": [{"n": 4, "kids": []}]}]}],
    "lines": "one\ntwo\r\nthree\n",
    "html": "<a href=\"x\">'&'</a>",
}

OUTPUT = r"""
{{ number }}|{{ real }}|{{ yes }}|{{ nothing }}|{{ empty }}|{{ missing }}|
{{ list }} {{ mixed }} {{ map }} {{ () }} {{ (1,) }} {{ (1, 'a') }} {{ [] }} {{ {} }}
{{ 1, 2 }}
{{ 'it''s' }} {{ "a" 'b' "c" }}
{{ ['it\'s', "say \"x\"", 'both \' and "', 'tab\t', 'nl\n', 'back\\slash', '\x00\x7f\u200b', 'é你👍'] }}
{{ '\u4f60\x41\101\q\'' }}|{{ "\"\\n" }}
{{ 1e3 }} {{ 1.0 }} {{ 0.1 + 0.2 }} {{ 1e16 }} {{ 1e15 }} {{ 1.5e-5 }} {{ 123456789.123 }} {{ 1_000 }} {{ 0x1F }} {{ 0b101 }} {{ 0o17 }}
{{ 100000000000000000.0 }} {{ 12345678901234567.0 }} {{ 0.0001 }} {{ 0.00001 }} {{ -0.0 }} {{ 5e-324 }} {{ 1.7976931348623157e308 }}
{{ true }} {{ True }} {{ none }} {{ None }} {{ false }}
{{ 1 + 2 * 3 - 4 / 2 }} {{ (1 + 2) * 3 }} {{ 2 ** 3 ** 2 }} {{ -2 ** 2 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ 7 % -3 }}
{{ 7.5 // 2 }} {{ -7.5 % 2 }} {{ 2 ** -1 }} {{ 1 / 4 }} {{ 10 / 5 }} {{ 1 + 1.0 }} {{ true + 1 }}
{{ 'a' + 'b' }} {{ 'a' ~ 1 ~ none ~ missing ~ 2.0 ~ [1] }} {{ 'ab' * 3 }} {{ 3 * 'ab' }} {{ [1] * 2 }} {{ [1] + [2] }} {{ (1,) + (2,) }} {{ 'x' * 0 }} {{ 'x' * -1 }}
{{ 'a' + 1 }}
{{ 1 + 'a' }}
{{ missing + 'a' }}
{{ 'a' + missing }}
{{ none + 1 }}
{{ [1] + 'a' }}
{{ 1 / 0 }}
{{ 1 % 0 }}
{{ 1 < 2 }} {{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 1 == 1.0 }} {{ 1 == true }} {{ '1' == 1 }} {{ none == none }} {{ missing == none }} {{ missing == missing2 }} {{ [1, 2] == [1, 2] }} {{ (1, 2) == [1, 2] }} {{ {'a': 1} == {'a': 1.0} }}
{{ 'a' < 'b' }} {{ 'B' < 'a' }} {{ 'é' > 'z' }} {{ [1, 2] < [1, 3] }} {{ 2 >= 2 }} {{ 2 <= 1 }} {{ 1 != 2 }}
{{ 1 < 'a' }}
{{ missing < 1 }}
{{ none < 1 }}
{{ 'a' in 'cat' }} {{ 'x' not in 'cat' }} {{ 1 in [1, 2] }} {{ 3 in (1, 2) }} {{ 'a' in map }} {{ 'z' in map }} {{ '' in 'a' }} {{ 'a' in missing }} {{ none in [none] }} {{ 1.0 in [1] }}
{{ 1 in 'a1' }}
{{ 'a' in 5 }}
{{ not true }} {{ not not 1 }} {{ not missing }} {{ true and false or true }} {{ 0 or 'x' }} {{ 1 and 'y' }} {{ '' or none }} {{ not 1 == 2 }} {{ not 'a' in 'b' }}
{{ 'y' if yes else 'n' }} {{ 'y' if empty else 'n' }} {{ 'y' if empty }}| {{ 1 if 0 else 2 if 0 else 3 }} {{ (1 if yes) + 1 }}
{{ ('y' if empty) + 'z' }}
{{ -number }} {{ +number }} {{ --number }} {{ -real }} {{ - 3 + 5 }} {{ -3|abs }} {{ (-3)|abs }} {{ -true }}
{{ -word }}
{{ text[2] }} {{ text[-1] }} {{ text[100] }}| {{ text[9:14] }} {{ text[::-1] }} {{ text[-5:] }} {{ text[:3] }}| {{ text[14:16] }} {{ word[::2] }} {{ word[4:0:-2] }} {{ word[10:] }}| {{ word[-100:2] }} {{ word[3:1] }}|
{{ list[0] }} {{ list[-1] }} {{ list[5] }}| {{ list[1:] }} {{ list[:-1] }} {{ list[::-1] }} {{ list[::2] }} {{ list[-2:] }} {{ list[10:] }} {{ list[::-2] }} {{ list[2:0:-1] }} {{ (1, 2, 3)[1:] }} {{ list[:none] }}
{{ list[::0] }}
{{ list['a':] }}
{{ map.b }} {{ map['b'] }} {{ map.a.c[1] }} {{ map['名'] }} {{ map.x }}| {{ map['x'] }}| {{ map['items'] }} {{ map.get('b') }} {{ map.get('x') }} {{ map.get('x', 5) }} {{ people[1].tags.0 }}
{{ map.x.y }}
{{ missing.y }}
{{ missing['y'] }}
{{ none.y }}| {{ none['y'] }}|
{{ word.nothing }}| {{ list.nothing }}| {{ word['upper']() }}
{{ list.x.y }}
{{ map.items()|list }} {{ map.keys()|list }} {{ map.values()|list|length }} {{ map.items is callable }} {{ map|items|list|length }}
{% for k, v in map.items() %}{{ k }}={{ v }};{% endfor %}
{% for k in map %}{{ k }},{% endfor %} {% for c in 'a你👍' %}[{{ c }}]{% endfor %} {% for x in missing %}x{% else %}none{% endfor %}
{% for x in 5 %}{% endfor %}
{% for x in none %}{% endfor %}
{% for x in list %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }} {% endfor %}
{% for x in list %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }} {{ loop.previtem is defined }}{% endfor %}
{% for x in list %}{{ loop.cycle('a', 'b') }}{{ loop.changed(x > 1) }}{% endfor %}
{% for x in list if x > 1 %}{{ loop.index }}:{{ x }}/{{ loop.length }} {% endfor %}
{% for x in list if x > 9 %}x{% else %}nothing{% endfor %}
{% for p in people if p.role == 'user' %}{{ p.name }}{{ ',' if not loop.last }}{% endfor %}
{% for a, b in [(1, 2), [3, 4]] %}{{ a }}-{{ b }} {% endfor %} {% for (a, (b, c)) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}
{% for a, b in [(1, 2, 3)] %}{% endfor %}
{% for x in range(10) %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 5 %}{% break %}{% endif %}{{ x }}{% endfor %}
{% for x in range(2) %}{% for y in range(2) %}{{ loop.index }}{{ x }}{{ y }} {% endfor %}{{ loop.index }};{% endfor %}
{% for n in tree recursive %}{{ n.n }}@{{ loop.depth }}({{ loop(n.kids) }}){% endfor %}
{% set x = 1 %}{% for i in list %}{{ x }}{% set x = x + 1 %}{{ x }} {% endfor %}{{ x }}
{% for i in list %}{% if i == 1 %}{% set y = i %}{% endif %}[{{ y }}]{% endfor %}{{ y }}
{% set y = 'o' %}{% for i in list %}{% if i == 1 %}{% set y = i %}{% endif %}[{{ y }}]{% endfor %}{{ y }}
{% set ns = namespace(n=0, s='') %}{% for i in list %}{% set ns.n = ns.n + i %}{% set ns.s = ns.s ~ i %}{% endfor %}{{ ns.n }} {{ ns.s }} {{ ns.zzz }}|
{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns.b }}{% set ns.c = 3 %}{{ ns.c }} {{ ns['a'] }}
{% set map.b = 2 %}
{% set a, b = 1, 2 %}{{ a }}{{ b }} {% set t = 1, 2 %}{{ t }} {% set (c, d) = [3, 4] %}{{ c }}{{ d }}
{% set block %}Hi {{ word }}{% set inner = 1 %}{% endset %}[{{ block }}]{{ inner }} {% set up | upper | trim %} x{{ word }} {% endset %}[{{ up }}]
{% if yes %}{% set z = 1 %}{% endif %}{{ z }} {% if false %}{% set w = 1 %}{% endif %}{{ w }}|
{% if 0 %}a{% elif '' %}b{% elif list %}c{% else %}d{% endif %}{% if not list %}e{% else %}f{% endif %}
{% if missing %}a{% else %}b{% endif %}{% if map.x is defined and map.x.y %}c{% endif %}{% if yes and not nothing %}d{% endif %}
{% macro m(a, b=2, c='x') %}({{ a }},{{ b }},{{ c }}){% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(1, c='z') }}{{ m() }}{{ m(b=1, a=0) }}
{% macro m(a) %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, k=4) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(b=2) }}
{% macro fact(n) %}{% if n > 1 %}{{ n * fact(n - 1)|int }}{% else %}1{% endif %}{% endmacro %}{{ fact(5) }}
{% macro m() %}{{ later }}{{ word }}{% endmacro %}{% set later = 'L' %}{{ m() }}
{% macro outer(x) %}{% macro inner(y) %}{{ x }}{{ y }}{% endmacro %}{{ inner(1) }}{{ inner(2) }}{% endmacro %}{{ outer('o') }}
{% macro m(x) %}{% set x = x ~ '!' %}{{ x }}{% for i in [1, 2] %}{{ m2(i) }}{% endfor %}{% endmacro %}{% macro m2(x) %}<{{ x }}>{% endmacro %}{{ m('a') }}{{ x }}
{% macro wrap() %}[{{ caller() }}]{% endmacro %}{% call wrap() %}in {{ word }}{% endcall %}
{% macro each(l) %}{% for x in l %}{{ caller(x, loop.index) }};{% endfor %}{% endmacro %}{% call(a, b) each(list) %}{{ a }}#{{ b }}{% endcall %}
{% filter upper %}abc {{ word }}{% endfilter %} {% filter replace('a', 'b')|title %}aa ca{% endfilter %}
{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a }} {% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q }}
{% generation %}answer {{ word }}{% set g = 1 %}{% endgeneration %}{{ g }}
{% raw %}{{ not }} {% evaluated %} {# kept #}{% endraw %}
a{# comment #}b{#- trimmed -#} c
  {%- if yes %} x {%- endif %} y
{% if yes -%}   x   {%- endif -%}   z
a {% if yes %}b{% endif %} c
{{ '\n' }}x{{- ' a ' -}} y
  {{ word }}
	{%+ if yes %}keep{% endif +%}
next
{% raw -%}   a  {%- endraw %}b
{%- raw %} x {% endraw -%}  y
{{ text|trim }}|{{ text|upper }}|{{ text|lower }}|{{ 'aBC dEF-gh (ij'|title }}|{{ 'hELLO World'|capitalize }}|{{ 'ß'|upper }}|{{ 'xxaxx'|trim('x') }}
{{ text|length }} {{ list|length }} {{ map|count }} {{ '👩‍👩‍👧'|length }} {{ missing|length }} {{ 'é'|length }}
{{ none|select|list }} {{ none|map('upper')|list }} {{ none|selectattr('x')|list }} {{ 0|reject|list }}
{{ 5|map('upper')|list }}
{{ 5|length }}
{{ list|join }} {{ list|join(', ') }} {{ people|join('-', attribute='name') }} {{ [1, none, 'a', missing]|join('+') }} {{ 'abc'|join('.') }} {{ []|join(',') }}
{{ list|first }} {{ list|last }} {{ 'abc'|first }} {{ 'abc'|last }} {{ []|first }}| {{ list|sort }} {{ list|sort(reverse=true) }} {{ words|sort }} {{ words|sort(case_sensitive=true) }} {{ people|sort(attribute='age')|map(attribute='name')|list }}
{{ list|reverse|list }} {{ 'abc'|reverse }} {{ words|unique|list }} {{ [1, 1.0, true, 2]|unique|list }} {{ list|min }} {{ list|max }} {{ words|min }} {{ list|sum }} {{ people|sum(attribute='age') }} {{ []|sum }} {{ []|max }}|
{{ [1, 'a']|sort }}
{{ people|map(attribute='name')|list }} {{ people|map(attribute='tags.0', default='-')|list }} {{ words|map('upper')|list }} {{ words|map('replace', 'p', 'b')|join(' ') }} {{ list|map('string')|list }}
{{ people|selectattr('role', 'equalto', 'user')|map(attribute='name')|list }} {{ people|rejectattr('role', 'eq', 'user')|list|length }} {{ people|selectattr('tags')|list|length }} {{ people|selectattr('tags', 'defined')|list|length }} {{ people|rejectattr('tags', 'defined')|list|length }}
{{ list|select('gt', 1)|list }} {{ list|select('odd')|list }} {{ mixed|select('string')|list }} {{ [0, 1, '']|select|list }} {{ list|reject('equalto', 1)|list }} {{ list|select('in', [1, 2])|list }} {{ mixed|reject|list }}
{% for role, group in people|groupby('role') %}{{ role }}:{{ group|length }} {% endfor %}{% for g in people|groupby('age') %}{{ g.0 }}{{ g[1]|length }} {% endfor %}
{{ missing|default('d') }} {{ ''|default('d') }}| {{ ''|default('d', true) }} {{ none|d('x') }} {{ none|d('x', boolean=true) }} {{ map.x|default([]) }} {{ missing|default }}|
{{ 'abc'|replace('b', 'X') }} {{ 'aaa'|replace('a', 'b', 2) }} {{ 'abc'|replace('', '-') }} {{ 5|replace('5', '6') }}
{{ '42'|int }} {{ 'x'|int }} {{ 'x'|int(7) }} {{ 3.9|int }} {{ '3.9'|int }} {{ '0x1F'|int(0, 16) }} {{ -3.9|int }} {{ true|int }} {{ '  5 '|int }} {{ none|int }} {{ '1_000'|int }}
{{ '2.5'|float }} {{ 'x'|float }} {{ 'x'|float(1.5) }} {{ 3|float }} {{ '1e3'|float }} {{ 2|string }} {{ none|string }} {{ [1]|string }} {{ true|string }}
{{ missing|int }}
{{ 3.14159|round(2) }} {{ 2.5|round }} {{ 3.5|round }} {{ 2.7|round|int }} {{ 2.1|round(0, 'ceil') }} {{ 2.19|round(1, 'floor') }} {{ 5|round }} {{ 1234|round(-2) }} {{ -2.5|round }} {{ 0.125|round(2) }} {{ 2.675|round(2) }}
{{ -5|abs }} {{ (-5)|abs }} {{ (-2.5)|abs }} {{ true|abs }}
{{ list|batch(2)|list }} {{ list|batch(2, 'x')|list }} {{ [1, 2, 3, 4, 5]|slice(2)|list }} {{ [1, 2, 3, 4, 5]|slice(3, 'f')|list }} {{ [1]|slice(3)|list }}
{{ map|dictsort|map(attribute=0)|list }} {{ {'b': 2, 'a': 1, 'C': 3}|dictsort }} {{ {'b': 2, 'a': 3}|dictsort(by='value') }} {{ {'b': 2, 'a': 1}|dictsort(reverse=true) }} {{ {'b': 1, 'C': 2}|dictsort(true) }}
{{ map|tojson }} {{ mixed|tojson }} {{ text|tojson }} {{ html|tojson }} {{ 'a\tb\u0001/\x7f\u2028'|tojson }} {{ 1.0|tojson }} {{ none|tojson }} {{ (1, 2)|tojson }} {{ {1: 'a', none: 2, true: 3, 1.5: 4}|tojson }}
{{ map|tojson(indent=2) }}
{{ [1, [], {}, [2, {'a': []}]]|tojson(indent=4) }}
{{ '你"'|tojson(ensure_ascii=true) }} {{ '👍'|tojson(ensure_ascii=True) }} {{ {'b': 1, 'a': 2}|tojson(sort_keys=true) }} {{ [1, 2]|tojson(separators=(',', ':')) }} {{ {'a': [1, 2]}|tojson(separators=(', ', ': ')) }} {{ {'b': [1]}|tojson(indent='\t') }}
{{ missing|tojson }}
{{ 1e16|tojson }} {{ 0.1|tojson }} {{ 1e-7|tojson }} {{ 123456789012345678|tojson }} {{ -1.5|tojson }}
{{ html|e }} {{ html|escape }} {{ html|safe }} {{ 5|e }}
{{ 'a\nb\n\nc'|indent }} {{ 'a\nb'|indent(2, true) }} {{ 'a\n\nb'|indent(2, blank=true) }} {{ 'a\nb'|indent('> ') }}
{{ 'the quick  brown'|wordcount }} {{ '%s is %d and %.2f %5s|%-5s|%05d %x %%'|format('a', 3, 1.5, 'r', 'l', 42, 255) }} {{ '%s' % 5 }} {{ '%s-%s' % (1, 'b') }}
{{ 'hello world foo bar'|truncate(11) }} {{ 'hello world'|truncate(8, true) }} {{ 'hello'|truncate(3) }} {{ 'x'|center(5) }}| {{ 'ab'|center(5) }}| {{ 'a b/c?ü'|urlencode }}
{{ map|items|first }} {{ missing|items|list }} {{ 'ab'|list }} {{ map|list }} {{ (1, 2)|list }} {{ people[0]|attr('name') }}|
{{ text.strip() }}|{{ text.lstrip() }}|{{ text.rstrip() }}|{{ 'xxaxx'.strip('x') }} {{ 'abcba'.lstrip('ab') }} {{ 'a\n'.rstrip('\n') }}| {{ '\u3000a\u00a0'.strip() }}
{{ 'a,b,,c'.split(',') }} {{ ' a  b '.split() }} {{ 'a,b,c'.split(',', 1) }} {{ 'a b c'.split(none, 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ 'abc'.split('</think>')[-1] }} {{ 'a  b c '.split(maxsplit=1) }} {{ ''.split(',') }} {{ ''.split() }} {{ ' a b c '.rsplit(none, 1) }} {{ 'a<x>b<x>c'.split('<x>')[0] }}
{{ 'a'.split('') }}
{{ lines.splitlines() }} {{ lines.splitlines(true) }} {{ ''.splitlines() }} {{ 'a\n\nb'.splitlines() }} {{ 'a\x0bb\u2028c'.splitlines() }}
{{ word.startswith('sw') }} {{ word.endswith('ft') }} {{ word.startswith(('a', 's')) }} {{ word.endswith('x') }} {{ 'é'.startswith('e') }} {{ word.startswith('') }}
{{ word.upper() }} {{ 'ABC'.lower() }} {{ 'they\'re bill\'s'.title() }} {{ 'hello wORLD'.capitalize() }} {{ 'aBc'.swapcase() }} {{ word.replace('s', 'S') }} {{ 'aaa'.replace('a', 'b', 1) }}
{{ 'hello'.find('l') }} {{ 'hello'.find('z') }} {{ 'hello'.rfind('l') }} {{ 'h你l'.find('l') }} {{ 'hello'.count('l') }} {{ 'hello'.index('e') }} {{ 'hello'.find('l', 3) }} {{ 'hello'.find('') }}
{{ 'hello'.index('z') }}
{{ ', '.join(['a', 'b']) }} {{ ''.join([]) }}
{{ '-'.join([1, 2]) }}
{{ '{} {}'.format('a', 1) }} {{ '{1}{0}'.format('a', 'b') }} {{ '{x}'.format(x=5) }} {{ '{{}}'.format() }} {{ '{:>5}|{:<5}|{:05d}|{:.2f}'.format('a', 'b', 42, 1.5) }}
{{ '12'.isdigit() }} {{ 'a1'.isdigit() }} {{ 'ab'.isalpha() }} {{ 'a1'.isalnum() }} {{ ' '.isspace() }} {{ ''.isdigit() }} {{ 'A'.isupper() }} {{ 'a'.islower() }} {{ '1'.isupper() }}
{{ 'prefix-x'.removeprefix('prefix-') }} {{ 'x.txt'.removesuffix('.txt') }} {{ '42'.zfill(5) }} {{ '-42'.zfill(5) }} {{ 'a'.ljust(3) }}| {{ 'a'.rjust(3, '*') }} {{ 'a=b=c'.partition('=') }} {{ 'a=b=c'.rpartition('=') }} {{ 'a'.partition('=') }}
{{ [1, 2, 1].count(1) }} {{ [1, 2].index(2) }} {{ (1, 2).index(1) }}
{{ [1].index(5) }}
{{ list.append(4) }}
{{ map.update({'x': 1}) }}
{{ map.pop('b') }}
{{ range(3)|list }} {{ range(1, 4)|list }} {{ range(5, 0, -2)|list }} {{ range(0)|list }} {{ range(10)|batch(4)|map('first')|list }} {{ 3 in range(5) }}
{{ range(3, 1)|list }} {{ range(1, 3, 0)|list }}
{{ dict(a=1, b=2) }} {{ dict({'x': 1}, y=2) }} {{ dict([('k', 'v')]) }}
{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.reset() }}{{ c.current }} {% set j = joiner('|') %}{% for x in list %}{{ j() }}{{ x }}{% endfor %}
{{ strftime_now('%d %b %Y') }} {{ strftime_now('%A %B %H:%M:%S %y %j %p %I %%') }}
{{ raise_exception('no: ' ~ word) }}
{% if false %}{{ raise_exception('never') }}{% endif %}fine
{{ missing is defined }} {{ word is defined }} {{ missing is undefined }} {{ nothing is none }} {{ nothing is not none }} {{ map.x is defined }} {{ map.b is defined }} {{ nothing is defined }}
{{ word is string }} {{ 1 is string }} {{ map is mapping }} {{ list is mapping }} {{ list is sequence }} {{ map is sequence }} {{ word is sequence }} {{ 1 is sequence }} {{ list is iterable }} {{ 1 is iterable }} {{ missing is iterable }} {{ missing is sequence }}
{{ 1 is number }} {{ 1.5 is number }} {{ true is number }} {{ '1' is number }} {{ 1 is integer }} {{ true is integer }} {{ 1.0 is integer }} {{ 1.0 is float }} {{ true is boolean }} {{ 1 is boolean }} {{ true is true }} {{ false is false }} {{ 1 is true }}
{{ 2 is even }} {{ 3 is odd }} {{ 9 is divisibleby 3 }} {{ 9 is divisibleby(2) }} {{ -3 is odd }} {{ 2 is not odd }}
{{ 1 is eq 1 }} {{ 1 is equalto(2) }} {{ 1 is ne 2 }} {{ 1 is lt 2 }} {{ 1 is gt(2) }} {{ 2 is ge 2 }} {{ 1 is in [1, 2] }} {{ 5 is not in [1] }} {{ 1 is sameas 1 }} {{ none is sameas none }} {{ 'a' is lower }} {{ 'A' is upper }} {{ 'aB' is lower }}
{{ raise_exception is callable }} {{ word is callable }} {{ map.items is callable }} {{ 'upper' is filter }} {{ 'odd' is test }} {{ 'zzz' is filter }}
{{ word is string and list is not string }} {{ not word is string }} {{ (word is string) if yes }} {{ word is string == true }}
{{ missing is none }} {{ missing == '' }} {{ missing|string }}| {{ missing ~ 'x' }} {{ missing|trim }}| {{ missing|upper }}| {{ [missing] }}
{{ missing() }}
{{ word() }}
{{ word.nope() }}
{{ map.b() }}
{{ word|nope }}
{{ word is nope }}
{{ 1 + }}
{{ (1 }}
{{ [1, 2 }}
{% if %}x{% endif %}
{% if yes %}x
{% for x in list %}x{% endif %}
{% for in list %}{% endfor %}
{% endfor %}
{% unknown %}
{{ 'unclosed }}
{{ word
{% set %}
{# never closed
{% break %}
{{ a b }}
{{ word | }}
{{ word.1a }}
{{ 'a' 1 }}
{{ {'a' 1} }}
{{ @ }}
{{ a ? b : c }}
{% include 'x' %}
{{ {'a': 1, 'b': {'c': [1, 2]}}.b.c[0] }} {{ {'a': 1, 'a': 2} }} {{ {1: 'x'}[1] }} {{ {'a': none}.a is none }} {{ [[1, 2], [3]][0][1] }}
{{ ('a', 'b')[0] }} {{ ('x') }} {{ ('x',) }} {{ [1, 2, ] }} {{ {'a': 1, } }}
{{ 'x' if list else 'y' ~ 'z' }} {{ ('x' if list else 'y') ~ 'z' }} {{ 1 + 2 ~ 3 }} {{ 1 ~ 2 + 3 }} {{ 2 * 3 ~ 4 }} {{ 'a' ~ 'b' == 'ab' }} {{ 1 in [1] == true }}
{{ people[0].name + ' ' + people[-1]['name'] }} {{ people|map(attribute='name')|join(', ')|upper }} {{ (people|selectattr('age', 'gt', 26)|list)[0].name }} {{ people[0]['name'][0] }}
{% set result = [] %}{% for p in people %}{% set result = result + [p.name] %}{% endfor %}{{ result }}
{% set ns = namespace(items=[]) %}{% for p in people %}{% set ns.items = ns.items + [p.name] %}{% endfor %}{{ ns.items|join('/') }}
{% macro show(x) %}{% if x is mapping %}{% for k, v in x|items %}{{ k }}:{{ show(v) }};{% endfor %}{% elif x is string %}"{{ x }}"{% elif x is iterable %}[{% for y in x %}{{ show(y) }},{% endfor %}]{% else %}{{ x }}{% endif %}{% endmacro %}{{ show(map) }}{{ show(mixed) }}
{% set f = show %}{% macro show(x) %}<{{ x }}>{% endmacro %}{% set g = show %}{{ g(1) }} {{ [g, g][1](2) }} {{ {'f': g}.f(3) }} {{ {'f': g}['f'](4) }}
{% macro m(a, b) %}{{ a }}{{ b }}{% endmacro %}{{ m(*[1, 2]) }} {{ m(**{'a': 3, 'b': 4}) }} {{ m(5, *[6]) }}
""".strip("\n")

# A line is a template of its own; these need more than one.
BLOCKS = [
    "  {% if yes %}\n    in\n  {% endif %}\nout\n",
    "a\n  {%- if yes %}\n b\n  {%- endif %}\nc",
    "{% for i in [1, 2] %}\n  - {{ i }}\n{% endfor %}\nend\n\n",
    "{% for i in [1, 2] -%}\n  - {{ i }}\n{%- endfor %}\n",
    "\t{%+ if yes %}keep{% endif +%}\nnext",
    "x {# c #}\n  {# d #}\n  y {#- e -#}\n z",
    "{{ word }}\n{{ word }}\n\n",
    "a\r\nb\rc\n",
    "   {% set x = 1 %}   \n   {{ x }}   \n",
    "{% raw %}\n  {{ x }}\n  {% endraw %}\nafter",
    "  {%- raw -%}\n  a {{ b }}\n  {%- endraw -%}\n  c",
    "{% macro m(x) -%}\n  {{ x }}\n{%- endmacro %}\n{{ m(1) }}|\n{{ m(2) }}",
    "{% set x %}\n a\n{% endset %}\n[{{ x }}]",
    "{%- for m in people -%}\n    {%- if m.role == 'user' and not loop.first -%}\n        {{- m.name }} again\n    {%- elif m.role == 'tool' %}\n        tool {{ m.name | lower }}\n    {%- else %}\nfirst {{ m.name }}\n    {%- endif %}\n{%- endfor -%}",
    "{{ {\n  'a': 1,\n  'b': [\n    2\n  ]\n} | tojson }}",
    "{{ 'multi\nline' }} {{ \"a\\\nb\" }}",
    "{% if yes %}{% if empty %}a{% endif %}\n{% endif %}\nb {% if yes %}\nc{% endif %}",
    "a\n{% if yes %}\n\n\nb{% endif %}",
    " {{- word }}\n {{ word -}} \n x",
    "{% generation %}\nanswer\n{% endgeneration %}\nrest",
]

LINES = [line for line in OUTPUT.split("\n") if line.strip()]
CASES = LINES + BLOCKS


def parts(source):
    """The outputs of a line without statements, each alone: of several that fail, one alone may not."""
    return re.findall(r"\{\{.*?\}\}(?!\})", source) if "{%" not in source and source in LINES else []
