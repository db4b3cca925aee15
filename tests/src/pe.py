"""What a PE file says, read by pefile: JSON on standard output. With a second argument, its icon as an .ico there."""

import json
import struct
import sys

import pefile


def main():
    pe = pefile.PE(sys.argv[1])
    header, coff = pe.OPTIONAL_HEADER, pe.FILE_HEADER
    resources = list(entries(pe))
    images = {number: data for kind, number, data, _ in resources if kind == 3}
    groups = [data for kind, _, data, _ in resources if kind == 14]
    icon = [struct.unpack_from("<BBBBHHIH", groups[0], 6 + 14 * n) for n in range(struct.unpack_from("<3H", groups[0])[2])] if groups else []
    if len(sys.argv) > 2:
        with open(sys.argv[2], "wb") as file:
            file.write(struct.pack("<3H", 0, 1, len(icon)))
            place = 6 + 16 * len(icon)
            for image in icon:
                file.write(struct.pack("<BBBBHHII", *image[:7], place))
                place += len(images[image[7]])
            for image in icon:
                file.write(images[image[7]])
    tables = [t for info in getattr(pe, "FileInfo", []) for entry in info if entry.Key == b"StringFileInfo" for t in entry.StringTable]
    fixed = pe.VS_FIXEDFILEINFO[0] if hasattr(pe, "VS_FIXEDFILEINFO") else None
    json.dump({
        "warnings": pe.get_warnings(),
        "subsystem": header.Subsystem,
        "characteristics": coff.Characteristics,
        "dll_characteristics": header.DllCharacteristics,
        "checksum_is_right": pe.verify_checksum(),
        "relocations": header.DATA_DIRECTORY[5].Size,
        "imports": [library.dll.decode() for library in getattr(pe, "DIRECTORY_ENTRY_IMPORT", [])],
        "sections": [section.Name.rstrip(b"\0").decode() for section in pe.sections],
        "file_version": fixed and numbers(fixed.FileVersionMS, fixed.FileVersionLS),
        "product_version": fixed and numbers(fixed.ProductVersionMS, fixed.ProductVersionLS),
        "prerelease": fixed and bool(fixed.FileFlags & 2),
        "language": [table.LangID.decode() for table in tables],
        "lines": {key.decode(): value.decode() for table in tables for key, value in table.entries.items()},
        "manifest": next((data.decode() for kind, _, data, _ in resources if kind == 24), None),
        "icon": [image[0] or 256 for image in icon],
        "unaligned": [kind for kind, _, _, address in resources if address % 4],
    }, sys.stdout)


def numbers(major, minor):
    return [major >> 16, major & 0xFFFF, minor >> 16, minor & 0xFFFF]


def entries(pe):
    for kind in pe.DIRECTORY_ENTRY_RESOURCE.entries if hasattr(pe, "DIRECTORY_ENTRY_RESOURCE") else []:
        for name in kind.directory.entries:
            for language in name.directory.entries:
                place = language.data.struct
                yield kind.id, name.id, pe.get_data(place.OffsetToData, place.Size), place.OffsetToData


main()
