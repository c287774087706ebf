using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>The default CPU allocator. It belongs to the library and is never released.</summary>
public sealed unsafe class OrtAllocator : SafeHandle
{
    private static readonly Lazy<OrtAllocator> Shared = new(() => new OrtAllocator());

    private OrtAllocator() : base(0, ownsHandle: false)
    {
        nint allocator;
        NativeApi.Check(NativeApi.GetDefaultAllocator(&allocator));
        SetHandle(allocator);
    }

    public static OrtAllocator DefaultInstance => Shared.Value;

    public override bool IsInvalid => handle == 0;

    internal nint Pointer => handle;

    protected override bool ReleaseHandle() => true;
}
