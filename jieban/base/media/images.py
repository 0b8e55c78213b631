"""Sanitizer for photographs: decoded, rotated upright and re-encoded, so that only the picture is left."""

import io

from PIL import GifImagePlugin, Image, ImageCms, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from jieban.base.media.file_kinds import CleanedFile
from jieban.base.media.refusals import UnfitFile, UnfitReason

MOST_PIXELS = 40_000_000
MOST_RATIO = 100
THUMB = (480, 480)
QUALITY = 88
# A photograph as PNG is larger than any camera's file and slow to write; drawings and screens are smaller.
LARGE_PNG = 8_000_000  # pixels
READERS = {"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP"}
PLUGINS = (GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)  # no others are loaded
# Exceptions of the decoders for a broken or malicious picture.
BROKEN = (OSError, ValueError, SyntaxError, TypeError, IndexError, KeyError, EOFError, OverflowError)

Image._initialized = 2  # the plugins above are all there are
Image.MAX_IMAGE_PIXELS = None  # looked at below, before anything is decoded


def clean(content: bytes, kind: str) -> CleanedFile:
    """Re-encodes the picture, upright, in sRGB; of an animation the first frame. Raises UnfitFile."""
    try:
        picture = Image.open(io.BytesIO(content), formats=[READERS[kind]])
        _check_size(*picture.size)
        picture.load()
        return _encode(_normalize(picture), kind)
    except BROKEN:
        raise UnfitFile(UnfitReason.DAMAGED) from None


def _check_size(width: int, height: int) -> None:
    if not width or not height:
        raise UnfitFile(UnfitReason.DAMAGED)
    if width * height > MOST_PIXELS:
        raise UnfitFile(UnfitReason.PIXELS)
    if max(width, height) > MOST_RATIO * min(width, height):
        raise UnfitFile(UnfitReason.RATIO)


def _normalize(picture: Image.Image) -> Image.Image:
    """Normalizes a picture: upright, in sRGB, grey, RGB or RGBA, without metadata."""
    profile = picture.info.get("icc_profile")
    ImageOps.exif_transpose(picture, in_place=True)
    if profile and picture.mode in {"RGB", "CMYK"}:
        picture = _in_srgb(picture, profile)
    if picture.mode in {"I", "F"} or picture.mode.startswith("I;16"):
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    see_through = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
    wanted = "RGBA" if see_through else "L" if picture.mode in {"1", "L"} else "RGB"
    plain = picture if picture.mode == wanted else picture.convert(wanted)
    plain.info = {}
    return plain


def _in_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    try:
        changed = ImageCms.profileToProfile(
            picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"),
            outputMode="RGB",
        )  # fmt: skip
    except (ImageCms.PyCMSError, *BROKEN):
        return picture  # a colour a little off, rather than no photograph
    return changed or picture


def _encode(picture: Image.Image, kind: str) -> CleanedFile:
    width, height = picture.size
    opaque = picture.mode != "RGBA"
    jpeg = opaque and (kind in {"jpeg", "webp"} or width * height > LARGE_PNG)
    out = io.BytesIO()
    if jpeg:
        picture.save(out, "JPEG", quality=QUALITY)
    else:
        picture.save(out, "PNG", compress_level=1 if width * height > LARGE_PNG else 6)
    media_type = "image/jpeg" if jpeg else "image/png"
    return CleanedFile("photo", media_type, out.getvalue(), width, height, _thumb(picture))


def _thumb(picture: Image.Image) -> bytes:
    """Thumbnail: a small JPEG, on white where the picture is transparent."""
    picture.thumbnail(THUMB)  # in place: the large one has been written
    if picture.mode == "RGBA":
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, mask=picture.getchannel("A"))
        picture = ground
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
