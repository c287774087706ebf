using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Type and shape of a model input or output; a dimension that is not fixed is -1.</summary>
public unsafe class NodeMetadata
{
    private readonly int[] _dimensions = [];
    private readonly string[] _symbolicDimensions = [];
    private readonly TensorElementType _elementType;

    internal NodeMetadata(nint typeInfo)
    {
        int kind;
        NativeApi.Check(NativeApi.GetOnnxTypeFromTypeInfo(typeInfo, &kind));
        OnnxValueType = (OnnxValueType)kind;
        if (!IsTensor) return;
        nint tensorInfo;
        int type;
        nuint rank;
        NativeApi.Check(NativeApi.CastTypeInfoToTensorInfo(typeInfo, &tensorInfo));
        NativeApi.Check(NativeApi.GetTensorElementType(tensorInfo, &type));
        NativeApi.Check(NativeApi.GetDimensionsCount(tensorInfo, &rank));
        var shape = new long[(int)rank];
        var names = new nint[(int)rank];
        fixed (long* s = shape) NativeApi.Check(NativeApi.GetDimensions(tensorInfo, s, rank));
        fixed (nint* n = names) NativeApi.Check(NativeApi.GetSymbolicDimensions(tensorInfo, n, rank));
        _elementType = (TensorElementType)type;
        _dimensions = Array.ConvertAll(shape, d => (int)d);
        _symbolicDimensions = Array.ConvertAll(names, NativeApi.ToText);
    }

    public OnnxValueType OnnxValueType { get; }

    public bool IsTensor => OnnxValueType == OnnxValueType.ONNX_TYPE_TENSOR;

    public bool IsString => TensorOnly(_elementType, nameof(IsString)) == TensorElementType.String;

    public int[] Dimensions => TensorOnly(_dimensions, nameof(Dimensions));

    public string[] SymbolicDimensions => TensorOnly(_symbolicDimensions, nameof(SymbolicDimensions));

    public Type ElementType => ElementTypes.ToType(ElementDataType);

    public TensorElementType ElementDataType => TensorOnly(_elementType, nameof(ElementDataType));

    private T TensorOnly<T>(T value, string member) => IsTensor
        ? value
        : throw new OnnxRuntimeException(ErrorCode.Fail, $"NodeMetadata.{member} is for tensors; this is a {OnnxValueType}.");
}
