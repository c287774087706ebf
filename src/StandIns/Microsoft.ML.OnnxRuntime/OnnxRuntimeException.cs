namespace Microsoft.ML.OnnxRuntime;

internal enum ErrorCode
{
    Ok, Fail, InvalidArgument, NoSuchFile, NoModel, EngineError, RuntimeException, InvalidProtobuf, ModelLoaded,
    NotImplemented, InvalidGraph, ShapeInferenceNotRegistered, RequirementNotRegistered,
}

/// <summary>What the native library reported, or why a call could not be made.</summary>
public class OnnxRuntimeException : Exception
{
    internal OnnxRuntimeException(ErrorCode code, string message)
        : base($"[ErrorCode:{code}] {message}") { }
}
