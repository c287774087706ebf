using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>A tensor. Over the caller's memory it pins that memory until disposed.</summary>
public unsafe class OrtValue : IDisposable
{
    private MemoryHandle _pin;
    private nint _handle;

    internal OrtValue(nint handle, MemoryHandle pin = default)
    {
        _handle = handle;
        _pin = pin;
        int type;
        NativeApi.Check(NativeApi.GetValueType(handle, &type));
        OnnxType = (OnnxValueType)type;
    }

    public OnnxValueType OnnxType { get; }

    public bool IsTensor => OnnxType == OnnxValueType.ONNX_TYPE_TENSOR;

    internal nint Handle => _handle != 0 ? _handle : throw new ObjectDisposedException(nameof(OrtValue));

    public static OrtValue CreateTensorValueFromMemory<T>(OrtMemoryInfo memoryInfo, Memory<T> memory, long[] shape) where T : unmanaged
    {
        var type = ElementTypes.FromType(typeof(T), "OrtValue.CreateTensorValueFromMemory");
        var pin = memory.Pin();
        try
        {
            var bytes = (long)memory.Length * sizeof(T);
            return new OrtValue(Create(memoryInfo, type, shape, pin.Pointer, bytes), pin);
        }
        catch
        {
            pin.Dispose();
            throw;
        }
    }

    public static OrtValue CreateTensorValueFromMemory<T>(T[] data, long[] shape) where T : unmanaged =>
        CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, new Memory<T>(data), shape);

    /// <summary>The caller owns the memory and keeps it alive and in place.</summary>
    public static OrtValue CreateTensorValueWithData(OrtMemoryInfo memInfo, TensorElementType elementType, long[] shape,
        IntPtr dataBufferPtr, long bufferLengthInBytes) =>
        new(Create(memInfo, elementType, shape, (void*)dataBufferPtr, bufferLengthInBytes));

    public static OrtValue CreateAllocatedTensorValue(OrtAllocator allocator, TensorElementType elementType, long[] shape)
    {
        nint value;
        fixed (long* s = shape)
            NativeApi.Check(NativeApi.CreateTensor(allocator.Pointer, s, (nuint)shape.Length, (int)elementType, &value));
        return new OrtValue(value);
    }

    public ReadOnlySpan<T> GetTensorDataAsSpan<T>() where T : unmanaged => GetTensorMutableDataAsSpan<T>();

    public Span<T> GetTensorMutableDataAsSpan<T>() where T : unmanaged
    {
        var info = GetTensorTypeAndShape();
        var found = ElementTypes.FromType(typeof(T), "OrtValue.GetTensorDataAsSpan");
        if (typeof(T) != typeof(byte) && found != info.ElementDataType)
            throw new OnnxRuntimeException(ErrorCode.InvalidArgument, $"The tensor holds {info.ElementDataType}, not {found}.");
        return MemoryMarshal.Cast<byte, T>(RawData(info));
    }

    public Span<byte> GetTensorMutableRawData() => RawData(GetTensorTypeAndShape());

    public OrtTensorTypeAndShapeInfo GetTensorTypeAndShape()
    {
        if (!IsTensor) throw new OnnxRuntimeException(ErrorCode.InvalidArgument, $"The value is a {OnnxType}, not a tensor.");
        nint info;
        NativeApi.Check(NativeApi.GetTensorTypeAndShape(Handle, &info));
        try
        {
            return new OrtTensorTypeAndShapeInfo(info);
        }
        finally
        {
            NativeApi.ReleaseTensorTypeAndShape(info);
        }
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (_handle == 0) return;
        NativeApi.ReleaseValue(_handle);
        _handle = 0;
        _pin.Dispose();
    }

    private Span<byte> RawData(OrtTensorTypeAndShapeInfo info)
    {
        var bytes = checked((int)(info.ElementCount * ElementTypes.Size(info.ElementDataType, "OrtValue.GetTensorDataAsSpan")));
        void* data;
        NativeApi.Check(NativeApi.GetTensorMutableData(Handle, &data));
        return new Span<byte>(data, bytes);
    }

    private static nint Create(OrtMemoryInfo memoryInfo, TensorElementType type, long[] shape, void* data, long bytes)
    {
        nint value;
        fixed (long* s = shape)
            NativeApi.Check(NativeApi.CreateTensorWithData(
                memoryInfo.Pointer, data, (nuint)bytes, s, (nuint)shape.Length, (int)type, &value));
        return value;
    }
}
