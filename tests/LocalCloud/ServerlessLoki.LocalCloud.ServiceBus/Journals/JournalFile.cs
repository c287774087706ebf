using System.Buffers.Binary;
using System.Numerics;
using Microsoft.Win32.SafeHandles;

namespace ServerlessLoki.LocalCloud.ServiceBus.Journals;

/// <summary>File of appended frames: length, checksum, content. Used by one thread at a time.</summary>
/// <remarks>A frame is handed to the operating system when <see cref="Append"/> returns, which outlasts the death of this process,
/// but not that of the machine: nothing is flushed to the disk. A frame that was not written whole is dropped when read.</remarks>
internal sealed class JournalFile : IDisposable
{
    private const int HeaderBytes = 8;
    private readonly string _path;
    private SafeFileHandle _file;
    private byte[] _frame = new byte[1024];

    private JournalFile(string path, SafeFileHandle file) => (_path, _file) = (path, file);

    public long Length { get; private set; }

    /// <summary>Bytes at the end that were dropped when the file was opened.</summary>
    public long Dropped { get; private init; }

    public static JournalFile Create(string path) => new(path, Open(path, FileMode.Create));

    /// <summary>Reads all whole frames, and truncates the file after the last of them.</summary>
    public static JournalFile Read(string path, Action<ReadOnlyMemory<byte>> frame)
    {
        var bytes = File.ReadAllBytes(path).AsMemory();
        var end = 0;
        while (Next(bytes.Span[end..]) is { } length)
        {
            frame(bytes.Slice(end + HeaderBytes, length));
            end += HeaderBytes + length;
        }

        var file = Open(path, FileMode.Open);
        RandomAccess.SetLength(file, end);
        return new JournalFile(path, file) { Length = end, Dropped = bytes.Length - end };
    }

    public void Append(ReadOnlySpan<byte> content)
    {
        var bytes = Frame(content);
        // A write that failed half-way is overwritten by the next.
        RandomAccess.Write(_file, bytes, Length);
        Length += bytes.Length;
    }

    /// <summary>Replaces the whole content by one frame, atomically.</summary>
    public void Replace(ReadOnlySpan<byte> content)
    {
        var bytes = Frame(content);
        var beside = _path + ".new";
        var file = Open(beside, FileMode.Create);
        RandomAccess.Write(file, bytes, 0);
        File.Move(beside, _path, overwrite: true);
        _file.Dispose();
        (_file, Length) = (file, bytes.Length);
    }

    public void Delete()
    {
        Dispose();
        File.Delete(_path);
    }

    public void Dispose() => _file.Dispose();

    private static SafeFileHandle Open(string path, FileMode mode) =>
        File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);

    private static int? Next(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes)
            return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (length <= 0 || length > bytes.Length - HeaderBytes)
            return null;
        return Checksum(bytes.Slice(HeaderBytes, length)) == BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) ? length : null;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var rest in bytes)
            sum = BitOperations.Crc32C(sum, rest);
        return sum;
    }

    private ReadOnlySpan<byte> Frame(ReadOnlySpan<byte> content)
    {
        var length = HeaderBytes + content.Length;
        if (_frame.Length < length)
            _frame = new byte[Math.Max(length, _frame.Length * 2)];
        BinaryPrimitives.WriteInt32LittleEndian(_frame, content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(_frame.AsSpan(4), Checksum(content));
        content.CopyTo(_frame.AsSpan(HeaderBytes));
        return _frame.AsSpan(0, length);
    }
}
