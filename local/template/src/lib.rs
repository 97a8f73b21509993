//! Reads template.yaml: resources, parameters, intrinsics; refuses by name what it cannot run
