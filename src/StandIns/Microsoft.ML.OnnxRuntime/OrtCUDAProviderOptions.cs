using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Settings of the CUDA provider; a native library without it refuses to make them.</summary>
public unsafe class OrtCUDAProviderOptions : SafeHandle
{
    public OrtCUDAProviderOptions() : base(0, ownsHandle: true)
    {
        nint options;
        NativeApi.Check(NativeApi.CreateCudaOptions(&options));
        SetHandle(options);
    }

    public override bool IsInvalid => handle == 0;

    internal nint Handle => handle;

    public void UpdateOptions(Dictionary<string, string> providerOptions) =>
        SessionOptions.WithPairs(providerOptions, (keys, values, count) => NativeApi.Check(NativeApi.UpdateCudaOptions(handle, (nint*)keys, (nint*)values, count)));

    protected override bool ReleaseHandle()
    {
        NativeApi.ReleaseCudaOptions(handle);
        return true;
    }
}
