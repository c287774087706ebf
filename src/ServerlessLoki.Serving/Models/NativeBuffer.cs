using System.Runtime.InteropServices;

namespace ServerlessLoki.Serving.Models;

/// <summary>Zeroed native memory, aligned to a cache line. Pages that no batch has touched take no physical memory.</summary>
internal sealed unsafe class NativeBuffer : SafeHandle
{
    private const int Line = 64;
    private readonly byte* _start;
    private readonly int _length;

    internal NativeBuffer(int length) : base(0, ownsHandle: true)
    {
        _length = length;
        var memory = (nint)NativeMemory.AllocZeroed((nuint)length + Line);
        SetHandle(memory);
        _start = (byte*)((memory + Line - 1) & ~(nint)(Line - 1));
    }

    public override bool IsInvalid => handle == 0;

    internal nint Pointer => (nint)_start;

    internal Span<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return new Span<byte>(_start, _length);
        }
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        return true;
    }
}
