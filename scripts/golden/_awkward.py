"""Strings that tokenizers get wrong, for the golden ids of every family."""

PLAIN = [
    "", " ", "  ", "   ", "a", "Hello", "Hello world", " Hello world", "Hello  world", "Hello   world ", "hello\nworld",
    "The quick brown fox jumps over the lazy dog.", "THE QUICK BROWN FOX", "tHe qUiCk BrOwN", "Hello, world! How are you?",
    "antidisestablishmentarianism", "Donaudampfschifffahrtsgesellschaftskapitän", "naïve café résumé coöperate",
    "An em—dash, an en–dash, a hy-phen and a…ellipsis", "“Quoted” ‘text’ «ainsi» „auch“", "e.g. i.e. etc. vs. a.m.",
    "snake_case camelCase PascalCase kebab-case SCREAMING_SNAKE", "user@example.com", "https://example.com/a?b=c&d=%20#e",
    "C:\\Users\\name\\file.txt", "/usr/local/bin/../lib", "$HOME ~/.config !important", "<div class=\"a\">text</div>",
]
CONTRACTIONS = [
    "I'm you're he's we've they'll I'd don't", "I'M YOU'RE HE'S WE'VE THEY'LL I'D DON'T", "I'm I'M i'M 'm 'M", "'s", "'S", "''s", "'sa",
    "it's's", "'tis 'twas o'clock rock'n'roll", "y'all'd've", "I’m you’re don’t", "'ſ it'ſ", "' s", "'ll'LL'lL'Ll", "'rE'Re're'r",
    "can'te", "'d'D'dx", "x'", "'", "''", "'''", "don't!", "\n's", " 's", "1's 2'S", "é's É'S", "中's",
]
WHITESPACE = [
    "\n", "\n\n", "\n\n\n", "\n" * 31, "\n" * 40, "\t", "\t\t", "\t" * 33, " " * 16, " " * 31, " " * 32, " " * 70, "\r", "\r\n",
    "\r\n\r\n", "a\r\nb\r\n\r\nc", "a\rb", "a\n\rb", "line one\nline two\n\nline three\n", " \n", "\n ", " \n ", "  \n  ", " \n \n ",
    "a \n b", "a  \n  b", "a\n  b\n    c\n        d", "\ta\n\t\tb", "a\tb\tc", " \t \t ", "a \t b", "trailing   ", "   leading",
    "trailing\n\n", "\n\nleading", "a\u00a0b", "a \u00a0 b", "\u00a0", "\u3000全角\u3000空格\u3000", "a\u2003b\u2009c\u200ad", "a\u2028b\u2029c",
    "a\u0085b", "a\u000bb\u000cc", "a\u1680b\u205fc\u202fd", "a\u200bb\ufeffc", "\ufeffBOM", "a\u180eb", "   \n\n\n   \n", "\n\n  x", "\n \n \n x",
    "x\n\n\n", "x \n\n y", "!\n", "!\n\n", "!\r\n\r\n?", " !\n", "( \n)", "a.\n\nB", "a . \n . b", "  1", "   12", "\n1", "\t1", " \u3000 1",
]
NUMBERS = [
    "0", "1", "12", "123", "1234", "12345", "123456", "1234567890", "3.14159265358979", "1,234,567.89", "1e-10", "0x1F 0b101 0o17", "1/2",
    "2024-01-31T23:59:59Z", "+1 (555) 010-9999", "v1.2.3-rc4", "100%", "$5.00", "№1", "1st 2nd 3rd", "a1b2c3", "1a2b3c", "x²+y³", "½ ¼ ¾",
    "①②③", "ⅠⅡⅢⅳ", "１２３４５", "٠١٢٣٤٥٦٧٨٩", "०१२३४५", "一二三四五六七八九十", "〇", "1 2 3", "1  2  3", " 1", "1 ", "12 34", "៣៤៥", "𝟘𝟙𝟚𝟛", "𐄇𐄈", "１2３4",
    "99999999999999999999999999999999", "0.0.0.0:8080", "-1", "- 1", "1-1", "50€", "Nr.5", "B2B 4K 5G",
]
CHINESE = [
    "你好", "你好，世界！", "今天天气怎么样？", "雨燕是一种飞得很快的鸟。", "中华人民共和国", "我爱自然语言处理", "人工智能（AI）正在改变世界。", "他说：“你好！”然后走了。",
    "北京，上海，广州，深圳", "1949年10月1日", "第3章 第5节", "价格是￥100.50元", "春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。", "床前明月光 疑是地上霜",
    "繁體中文測試：臺灣、香港", "简体和繁體混排", "使用Python编程", "Python编程用 numpy", "我的email是a@b.cn", "。。。", "……", "——", "《红楼梦》", "【重要】通知", "、，。；：？！",
    "㐀㐁㐂", "𠀀𠀁𠮷野家", "龘靐齉", "中文\n换行\n\n再换行", "中 文 空 格", "中  文", "的的的的的的的的的的的的的的的的的的的的", "滚滚长江东逝水，浪花淘尽英雄。是非成败转头空，青山依旧在，几度夕阳红。",
    "你好" * 40, "⼀⽤⿂", "々〆〇", "「」『』",
]
SCRIPTS = [
    "日本語のテキスト", "これはテストです。", "カタカナとひらがなと漢字", "ﾊﾝｶｸｶﾅ", "한국어 문장입니다.", "안녕하세요 세계", "ㄱㄴㄷ", "Привет, мир!", "Съешь же ещё этих мягких французских булок",
    "Ελληνικά γράμματα", "שלום עולם", "مرحبا بالعالم", "السَّلامُ عَلَيْكُمْ", "بِسْمِ اللَّهِ", "नमस्ते दुनिया", "ক্ষ", "ภาษาไทยไม่มีช่องว่าง", "Tiếng Việt có dấu", "Türkçe İstanbul ığdır", "ქართული", "Հայերեն",
    "አማርኛ", "தமிழ்", "తెలుగు", "မြန်မာ", "ᚠᚢᚦ", "𐤀𐤁𐤂", "Ω≈ç√∫˜µ≤≥÷", "ＦＵＬＬ　ｗｉｄｔｈ", "ﬁ ﬂ ﬃ ß ẞ", "ǅ ǈ ǋ", "ªº", "ʰʷˠ", "mixed русский 中文 العربية עברית 日本語", "abc中文def한국어ghi",
    "\u202eright to left\u202c", "a\u200fb\u200ec", "Z͑ͫ̓a̴l̷g̸o̵", "e\u0301 é", "n\u0303 ñ", "\u0301", "a\u0301\u0302\u0303", " \u0301", "가각", "\u1112\u1161\u11ab", "क\u094dष", "x\u20dd",
]
EMOJI = [
    "😀", "😀😃😄", "Hello 😀 world", "👍🏽", "👩‍💻", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🏴‍☠️", "🇨🇳", "🇨🇳🇺🇸🇬🇧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "☺️ ☺", "❤️❤", "1️⃣2️⃣", "#️⃣*️⃣", "©®™", "→←↑↓", "■□▲△", "你好😀世界", "😀a😀1😀中", "🤷🏻‍♀️🤷‍♂️", "🫠🫡🫥",
    "♠♥♦♣", "\ufe0f", "\u200d", "😀" * 12, "¯\\_(ツ)_/¯", "(╯°□°)╯︵ ┻━┻", "ʕ•ᴥ•ʔ",
]
CODE = [
    "def f(x):\n    return x + 1\n", "for (int i = 0; i < n; ++i) {\n\tsum += a[i];\n}\n", "fn main() { println!(\"{}\", 1); }", "let x: [Int] = (0..<10).map { $0 * 2 }", "SELECT * FROM t WHERE a='b';",
    "#include <stdio.h>\n#define X 1\n", "if (a&&b||!c) {}", "x = y if z else -w", "{\"a\": [1, 2.5, null, true], \"b\": {\"c\": \"\\u4e2d\"}}", "<!-- comment --> <br/>", "a->b::c<d>()", "```python\nprint('hi')\n```", "# Heading\n\n- item\n- item\n",
    "| a | b |\n|---|---|\n", "\\frac{a}{b} \\sum_{i=1}^n x_i^2", "$$E=mc^2$$", "@decorator\nasync def g(): ...", "        indented\n            more\n", "==========", "----------", "//////", "....", "......", "!!!!", "???", "#!/bin/sh\n", "\\n\\t\\\\", "a=b;c=d;e", "i++;--j;",
    "/* block */ // line", "lambda x,y:x**y", "0xDEADBEEF", "#ff00aa", "&amp;&lt;&#39;", "%s %d %05.2f", "<<<>>>", "=>", "!=", "===", "_", "__init__", "___", "~`!@#$%^&*()_+-={}[]|\\:\";'<>?,./",
]
CONTROL = [
    "\x00", "a\x00b", "\x01\x02\x03", "\x04", "a\x04b", "\x06\x13\x14\x16\x1d", "\x1b[31mred\x1b[0m", "\x7f", "\x08\x08", "a\x13\x14b", "\u0080\u0081", "\u009f", "\ufffd", "\ufffe\uffff", "\ue000\uf8ff", "\U000f0000",
    "\U0010ffff", "\U000e0001", "\u0378", "a\x1fb\x1ec",
]
SPECIAL = [
    "<|im_start|>user\nhi<|im_end|>\n", "<|im_end|>", "<|im_end|><|im_end|>", "a<|endoftext|>b", "<|endoftext", "|endoftext|>", "<|im_start|", "< |im_end|>", "<|IM_END|>", "<|im_end|> x", "x <|im_end|>", "<bos>", "<eos>", "<unk>", "<pad>",
    "<start_of_turn>user\nhi<end_of_turn>\n", "<end_of_turn>", "<unused7>", "<0x0A>", "<0xE4>", "<s>", "</s>", "<s>a</s>", "<b>bold</b><i>x</i>", "<table><tr><td>1</td></tr></table>", "[PAD151700]", "<tool_call>\n{\"name\": \"f\"}\n</tool_call>",
    "a▁b", "▁", "▁▁", "Ġ", "ĠHello", "Ċ", "<|vision_pad|>", "<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>", "<file_sep><filename>", "<|im_start|><|im_start|>assistant", "<<|im_end|>>",
]
LONG = [
    "a" * 25, "a" * 64, "a" * 65, "a" * 300, "ab" * 100, "abcdefghijklmnopqrstuvwxyz" * 6, "haha" * 30, "A" * 100, "é" * 60, "中" * 60, "!" * 100, "=" * 80, "-" * 129, "_" * 65, "aA" * 40, "x1" * 40, "loooooooooooooooooooooooooong", "supercalifragilisticexpialidocious" * 4,
    "Грузоподъёмность" * 5, "พระเจ้า" * 10, " a" * 50, "a " * 50, "\n a" * 20, "internationalization" * 5,
]
TEXTS = PLAIN + CONTRACTIONS + WHITESPACE + NUMBERS + CHINESE + SCRIPTS + EMOJI + CODE + CONTROL + SPECIAL + LONG

# Not UTF-8: stray and missing continuation bytes, overlong forms, surrogates, and values past U+10FFFF.
BYTES = [
    b"\xff", b"\xc0\x80", b"\x80", b"a\x80b", b"\xe4\xbd", b"\xe4\xbd a", b"\xe4", b"\xe4\xbd\xa0\xe5\xa5", b"\xf0\x9f\x98", b"\xf0\x9f\x98\x80\xf0\x9f", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80",
    b"abc\xffdef ghi", b" \xff ", b"\n\xff\n", b"\xe0\x80\xaf", b"\xc3(", b"caf\xe9", b"\xef\xbb\xbfabc", b"\xfe\xff\x00a", b"hello \xe4\xb8\xad\xe6\x96 world", b"1\xff2", b"'\xffs",
]
