using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>Where a tensor's memory lies. Only the CPU is covered.</summary>
public sealed unsafe class OrtMemoryInfo : SafeHandle
{
    private const int ArenaAllocator = 1;
    private const int DefaultMemory = 0;
    private static readonly Lazy<OrtMemoryInfo> Shared = new(() => new OrtMemoryInfo());

    private OrtMemoryInfo() : base(0, ownsHandle: true)
    {
        nint info;
        NativeApi.Check(NativeApi.CreateCpuMemoryInfo(ArenaAllocator, DefaultMemory, &info));
        SetHandle(info);
    }

    public static OrtMemoryInfo DefaultInstance => Shared.Value;

    public override bool IsInvalid => handle == 0;

    internal nint Pointer => handle;

    protected override bool ReleaseHandle()
    {
        NativeApi.ReleaseMemoryInfo(handle);
        return true;
    }
}
