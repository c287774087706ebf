using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Inputs and outputs of a session bound to memory once, for many runs.</summary>
public unsafe class OrtIoBinding : SafeHandle
{
    internal OrtIoBinding(InferenceSession session) : base(0, ownsHandle: true)
    {
        nint binding;
        NativeApi.Check(NativeApi.CreateIoBinding(session.Handle, &binding));
        SetHandle(binding);
    }

    public override bool IsInvalid => handle == 0;

    internal nint Handle => handle;

    public void BindInput(string name, OrtValue ortValue)
    {
        fixed (byte* n = NativeApi.Utf8(name)) NativeApi.Check(NativeApi.BindInput(handle, n, ortValue.Handle));
    }

    public void BindOutput(string name, OrtValue ortValue)
    {
        fixed (byte* n = NativeApi.Utf8(name)) NativeApi.Check(NativeApi.BindOutput(handle, n, ortValue.Handle));
    }

    public void BindOutputToDevice(string name, OrtMemoryInfo memInfo)
    {
        fixed (byte* n = NativeApi.Utf8(name)) NativeApi.Check(NativeApi.BindOutputToDevice(handle, n, memInfo.Pointer));
    }

    /// <summary>The bound outputs, in the order they were bound.</summary>
    public IDisposableReadOnlyCollection<OrtValue> GetOutputValues()
    {
        nint* values;
        nuint count;
        var allocator = OrtAllocator.DefaultInstance.Pointer;
        NativeApi.Check(NativeApi.GetBoundOutputValues(handle, allocator, &values, &count));
        var result = new DisposableList<OrtValue>();
        for (nuint i = 0; i < count; i++) result.Add(new OrtValue(values[i]));
        if (values != null) NativeApi.Check(NativeApi.AllocatorFree(allocator, (nint)values));
        return result;
    }

    public void SynchronizeBoundInputs() => NativeApi.Check(NativeApi.SynchronizeBoundInputs(handle));

    public void SynchronizeBoundOutputs() => NativeApi.Check(NativeApi.SynchronizeBoundOutputs(handle));

    public void ClearBoundInputs() => NativeApi.ClearBoundInputs(handle);

    public void ClearBoundOutputs() => NativeApi.ClearBoundOutputs(handle);

    protected override bool ReleaseHandle()
    {
        NativeApi.ReleaseIoBinding(handle);
        return true;
    }
}
