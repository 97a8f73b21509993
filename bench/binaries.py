#!/usr/bin/env python3
"""Sizes of the functions' binaries, plain and as the zip that is deployed: JSON on standard output.

    bench/binaries.py DIRECTORY

DIRECTORY is what `sam build` leaves (.aws-sam/build, with a bootstrap in each function's folder) or a target directory of
cargo (target/release).
"""

import argparse
import io
import json
import pathlib
import sys
import zipfile

CONTEXTS = ["catalog", "inventory", "notifications", "orders", "payments", "shipping"]


def binaries(directory):
    """Each function's binary, by context."""
    found = {}
    for context in CONTEXTS:
        for path in [directory / f"{context.capitalize()}Function/bootstrap", directory / context]:
            if path.is_file():
                found[context] = path
                break
    missing = [context for context in CONTEXTS if context not in found]
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
    directory = parser.parse_args().directory
    sizes = {
        context: {"binary_bytes": path.stat().st_size, "zip_bytes": zipped(path)}
        for context, path in binaries(directory).items()
    }
    largest = {key: max(size[key] for size in sizes.values()) for key in ("binary_bytes", "zip_bytes")}
    print(json.dumps({"directory": str(directory), "functions": sizes, "largest": largest}, indent=2))


if __name__ == "__main__":
    main()
