using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Element type and shape of a tensor.</summary>
public unsafe struct OrtTensorTypeAndShapeInfo
{
    internal OrtTensorTypeAndShapeInfo(nint info)
    {
        int type;
        nuint rank;
        nuint count;
        NativeApi.Check(NativeApi.GetTensorElementType(info, &type));
        NativeApi.Check(NativeApi.GetDimensionsCount(info, &rank));
        NativeApi.Check(NativeApi.GetTensorShapeElementCount(info, &count));
        var shape = new long[(int)rank];
        fixed (long* s = shape) NativeApi.Check(NativeApi.GetDimensions(info, s, rank));
        ElementDataType = (TensorElementType)type;
        ElementCount = (long)count;
        Shape = shape;
    }

    public TensorElementType ElementDataType { get; }

    public long ElementCount { get; }

    public int DimensionsCount => Shape.Length;

    public long[] Shape { get; }

    public bool IsString => ElementDataType == TensorElementType.String;
}
