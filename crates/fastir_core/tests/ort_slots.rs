//! `OrtApi.h` declares functions at slots of ONNX Runtime's table; the ort-sys
//! crate is generated from the official header.

use std::mem::offset_of;

/// Slots of the named functions as ort-sys has them.
macro_rules! official {
    ($($name:ident)*) => {
        [$((stringify!($name), offset_of!(ort_sys::OrtApi, $name) / size_of::<usize>())),*]
    };
}

#[test]
fn every_declared_function_has_its_official_slot() {
    let official = official![
        GetErrorMessage CreateEnv DisableTelemetryEvents CreateSessionFromArray Run
        CreateSessionOptions SetSessionGraphOptimizationLevel SetIntraOpNumThreads
        SetInterOpNumThreads SessionGetInputCount SessionGetOutputCount
        SessionGetInputTypeInfo SessionGetOutputTypeInfo SessionGetInputName
        SessionGetOutputName CreateTensorWithDataAsOrtValue GetTensorMutableData
        CastTypeInfoToTensorInfo GetTensorElementType GetDimensionsCount GetDimensions
        CreateCpuMemoryInfo GetAllocatorWithDefaultOptions ReleaseStatus ReleaseValue
        ReleaseTypeInfo ReleaseSessionOptions
    ];
    let declared: Vec<(String, usize)> = fastir_core::ort_slots()
        .into_iter()
        .map(|s| (s.name, s.slot))
        .collect();
    let expected: Vec<(String, usize)> = official
        .iter()
        .map(|&(name, slot)| (name.to_owned(), slot))
        .collect();
    assert_eq!(declared, expected);
}
