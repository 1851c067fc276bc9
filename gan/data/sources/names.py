"""The names inside an archive: their encoding, guessed once for the whole archive, and their form on a screen."""

import re
import struct
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from math import log2

from charset_normalizer import from_bytes

# Encodings that some system writes into zips without declaring them. Of equal scores, the first in this order wins.
ENCODINGS = (
    "cp437",
    "gbk",
    "cp932",
    "big5",
    "cp949",
    "cp866",
    "euc_jp",
    "cp1251",
    "cp1253",
    "cp737",
    "cp850",
    "cp1252",
    "gb18030",
)
UNICODE_PATH = 0x7075  # Info-ZIP's extra field with the name in UTF-8 (APPNOTE.TXT 4.6.9)
SAMPLE_BYTES = 20_000  # this many bytes of names are enough to tell encodings apart

# Characters that are common in names. Simplified, traditional and Japanese forms are listed together: the encoding separates
# them.
COMMON = frozenset(
    "的一是不了人我在有他这為为之大来來以个個中上们們到说說国國和地也子时時道出而要于就下得可你年生自会會那后後能对對事其里裡所去行过過"
    "家十用发發天如然作方成者多日都三小二无無同经經法当當起与與好看学學进進种種分此心前面又定见見主没公从從四五六七八九百千万萬"
    "猫貓狗犬马馬牛羊猪豬鸡雞鸭鴨鱼魚鸟鳥虎龙龍蛇兔鼠猴熊象狮獅狼狐鹿蝶虫蟲龟龜蛙花草树樹木林森叶葉果玫瑰菊兰蘭梅竹桃李杏莲蓮荷牡丹朵桜櫻"
    "向日葵郁金香红紅赤黄黃绿綠青蓝藍白黑紫灰色光月星云雲雨雪风風山水河海湖江石土火金沙田城市街路桥橋房屋门門窗楼樓車车船机機飞飛"
    "男女孩童老少头頭脸臉手足目眼口耳鼻身体體衣服帽鞋裤裙包书書画畫图圖片照相像影视視频頻电電脑腦话話桌椅床灯燈杯碗刀食物饭飯菜肉"
    "茶酒米面麵豆瓜苹蘋橙蕉葡萄莓梨柠檬西南北东東左右内外新旧舊长長高低春夏秋冬早晚美丽麗动動植人间間世界训練训练练测試测试试验驗証证"
    "集类類别別标標签籤文件夹夾資料资料數数据據字名号號第组組样樣本典型正负負真假功夫表演能力気写真顔絵鳥空駅店魔法少女戦士音楽曲歌"
    "建築建筑寺庙廟塔公园園自然風景风景静静物肖人像抽象水彩油画素描插设設计計京都本田村川島岛原野寿司丼弁当箱亀鶏豚兎竜"
)

# How frequent the parts of a Hangul syllable are in Korean, in percent. Parts that are not listed are rare.
_INITIALS = dict(
    zip(
        (11, 0, 9, 3, 12, 5, 18, 7, 2, 6, 14, 16, 17, 15, 1, 4, 8, 10),
        (22, 12, 10, 9, 8, 7, 7, 5, 7, 5, 3, 2, 2, 2, 1, 1, 1, 1),
        strict=True,
    )
)
_VOWELS = dict(
    zip(
        (0, 20, 8, 18, 4, 13, 1, 5, 6, 9, 12, 17, 2, 19, 16, 11),
        (20, 17, 12, 10, 10, 8, 5, 5, 5, 2, 2, 1, 1, 1, 1, 1),
        strict=True,
    )
)
_FINALS = dict(zip((0, 4, 8, 21, 1, 16, 19, 17, 20), (55, 13, 9, 7, 6, 4, 2, 2, 1), strict=True))
_RARE_PERCENT = 0.4
_KOREAN_SYLLABLES = 2350  # number of syllables in KS X 1001; random bytes decode to any of them


def name_from_field(extra: bytes, raw: bytes) -> str | None:
    """Return the name in an entry's Unicode path field, if the field was written for the name `raw`."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        field = extra[at + 4 : at + 4 + length]
        if kind == UNICODE_PATH and len(field) > 5 and field[0] == 1 and field[1:5] == struct.pack("<I", zlib.crc32(raw)):
            try:
                return field[5:].decode("utf-8")
            except UnicodeDecodeError:
                return None
        at += 4 + length
    return None


def decode_names(raw_names: Sequence[bytes]) -> list[str]:
    """Decode the names of one archive that declares no encoding, all with the same encoding.

    Names that are valid UTF-8 are read as UTF-8, with one exception: if the other names have a two-byte encoding in which these
    names are also valid, that encoding is used for all. An archive is written by one system, and two such letters can look like
    UTF-8 by chance.
    """
    is_utf8 = [_decodes(name, "utf-8") for name in raw_names]
    if all(is_utf8):
        return [name.decode("utf-8") for name in raw_names]
    encoding = guess_encoding([name for name, utf8 in zip(raw_names, is_utf8, strict=True) if not utf8])
    others_too = encoding in ("gbk", "gb18030", "cp932", "big5", "cp949", "euc_jp") and all(
        _decodes(name, encoding) for name in raw_names
    )
    return [
        name.decode("utf-8") if utf8 and not others_too else name.decode(encoding, errors="replace")
        for name, utf8 in zip(raw_names, is_utf8, strict=True)
    ]


def guess_encoding(raw_names: Iterable[bytes]) -> str:
    """Return the encoding in which names, none of them UTF-8, look most like a language; code page 437 where no encoding does."""
    parts: dict[bytes, None] = {}
    size = 0
    for name in raw_names:
        if not name.isascii() and name not in parts:
            parts[name] = None
            size += len(name)
            if size > SAMPLE_BYTES:
                break
    best, best_score = "", 0.0
    for encoding in ENCODINGS:
        score = _score(list(parts), encoding)
        if score is not None and score > best_score:
            best, best_score = encoding, score
    if best:
        return best
    match = from_bytes(b"\n".join(parts)).best()  # Thai, Hebrew and other scripts
    return match.encoding if match is not None else "cp437"


def _decodes(name: bytes, encoding: str) -> bool:
    try:
        name.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _score(names: list[bytes], encoding: str) -> float | None:
    """Return how much the names look like a language, counting each different run of letters once; None where they cannot be
    decoded.
    """
    try:
        decoded = [name.decode(encoding) for name in names]
    except UnicodeDecodeError:
        return None
    words = {word for name in decoded for word in re.split(r"[\x00-@\[-`{-\x7f]+", name) if not word.isascii()}
    return sum(_score_word(word, encoding) for word in words)


def _score_word(word: str, encoding: str) -> float:
    score = 0.0
    for at, letter in enumerate(word):
        if letter.isascii():
            continue
        beside = (word[at - 1] if at else "", word[at + 1] if at + 1 < len(word) else "")
        beside_ascii = any(other and other.isascii() for other in beside)
        if "\u0400" <= letter <= "\u045f" or "\u0384" <= letter <= "\u03ce":  # Cyrillic and Greek
            odd_case = letter.isupper() and bool(beside[0]) and beside[0].islower()
            score += -3 if odd_case or beside_ascii else 1.5
        elif letter <= "\u024f" and letter.isalpha():  # Latin with marks
            odd_case = letter.isupper() and bool(beside[0]) and beside[0].islower()
            score += -3 if odd_case else 2 if beside_ascii else -1
        else:
            score += _score_wide(letter, encoding) - (1 if beside_ascii else 0)
    return score


def _score_wide(letter: str, encoding: str) -> float:
    """Score a two-byte letter: from 4 for the most common to -6 for letters that do not occur in names."""
    if "\uac00" <= letter <= "\ud7a3":
        return _score_hangul(letter, encoding)
    if letter in COMMON:
        return 4
    if "\u3040" <= letter <= "\u30ff":  # kana, which the Chinese and Korean code pages also contain, for Japanese words
        return 3 if encoding in ("cp932", "euc_jp") else 0.5
    if "\u4e00" <= letter <= "\u9fff":
        lead = letter.encode(encoding)[0]
        first, last = {"gbk": (0xB0, 0xD7), "gb18030": (0xB0, 0xD7), "cp932": (0x88, 0x97), "euc_jp": (0xB0, 0xCF)}.get(
            encoding,
            (0xA4, 0xBC) if encoding == "big5" else (0, 0),  # Big5 orders characters by strokes: common characters have few
        )
        trail = letter.encode(encoding)[1]
        if not first <= lead <= last or (encoding in ("gbk", "gb18030") and trail < 0xA1):
            return -3 if lead < 0xA0 and encoding in ("gbk", "gb18030") else -1.5
        return 1
    if "\u3000" <= letter <= "\u303f" or "\uff01" <= letter <= "\uff5e":
        return 1
    return -6 if unicodedata.category(letter) in ("Cc", "Cn", "Co") else -2


def _score_hangul(letter: str, encoding: str) -> float:
    initial, rest = divmod(ord(letter) - 0xAC00, 588)
    vowel, final = divmod(rest, 28)
    chances = (_INITIALS.get(initial, _RARE_PERCENT), _VOWELS.get(vowel, _RARE_PERCENT), _FINALS.get(final, _RARE_PERCENT))
    likely = log2(chances[0] / 100 * chances[1] / 100 * chances[2] / 100 * _KOREAN_SYLLABLES)
    return max(-3.0, min(4.0, likely))
