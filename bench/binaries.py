#!/usr/bin/env python3
"""Sizes of the functions' binaries, plain and as the zip that is deployed: JSON on standard output.

    bench/binaries.py DIRECTORY [--function orders payments]

DIRECTORY is what `sam build` leaves (.aws-sam/build, with a bootstrap in each function's folder) or a target directory of
cargo (target/release).
"""

import argparse
import io
import json
import pathlib
import sys
import zipfile

FUNCTIONS = pathlib.Path(__file__).resolve().parent.parent / "functions"


def contexts():
    """The contexts: each has a folder and a function of its name."""
    return sorted(path.parent.name for path in FUNCTIONS.glob("*/Cargo.toml"))


def binaries(directory, wanted=None):
    """Each wanted function's binary, by context; of all contexts if none is named."""
    found = {}
    wanted = wanted or contexts()
    for context in wanted:
        for path in [directory / f"{context.capitalize()}Function/bootstrap", directory / context]:
            if path.is_file():
                found[context] = path
                break
    missing = [context for context in wanted if context not in found]
    if missing:
        sys.exit(f"{directory} holds no binary of {', '.join(missing)}")
    return found


def zipped(path):
    """Bytes of a zip that holds the binary alone, compressed as AWS's tools do."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.write(path, "bootstrap")
    return len(buffer.getvalue())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--function", nargs="+", help="only these")
    arguments = parser.parse_args()
    directory = arguments.directory
    sizes = {
        context: {"binary_bytes": path.stat().st_size, "zip_bytes": zipped(path)}
        for context, path in binaries(directory, arguments.function).items()
    }
    largest = {key: max(size[key] for size in sizes.values()) for key in ("binary_bytes", "zip_bytes")}
    print(json.dumps({"directory": str(directory), "functions": sizes, "largest": largest}, indent=2))


if __name__ == "__main__":
    main()
