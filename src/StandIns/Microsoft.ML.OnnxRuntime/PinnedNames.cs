using System.Runtime.InteropServices;

namespace Microsoft.ML.OnnxRuntime;

/// <summary>An array of C strings for the length of one call.</summary>
internal sealed unsafe class PinnedNames : IDisposable
{
    private readonly GCHandle[] _pins;
    private readonly nint[] _pointers;
    private GCHandle _pointersPin;

    internal PinnedNames(IEnumerable<byte[]> names)
    {
        _pins = [.. names.Select(n => GCHandle.Alloc(n, GCHandleType.Pinned))];
        _pointers = Array.ConvertAll(_pins, p => p.AddrOfPinnedObject());
        _pointersPin = GCHandle.Alloc(_pointers, GCHandleType.Pinned);
    }

    internal nint* Pointers => (nint*)_pointersPin.AddrOfPinnedObject();

    public void Dispose()
    {
        _pointersPin.Free();
        foreach (var pin in _pins) pin.Free();
    }
}
