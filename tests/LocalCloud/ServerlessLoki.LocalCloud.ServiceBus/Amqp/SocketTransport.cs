using System.Net.Sockets;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Transport;

namespace ServerlessLoki.LocalCloud.ServiceBus.Amqp;

/// <summary>An accepted socket as the AMQP library reads and writes it.</summary>
internal sealed class SocketTransport : TransportBase
{
    private readonly Socket _socket;
    private readonly byte[] _read = new byte[16 * 1024];
    private int _readAt;
    private int _readEnd;

    public SocketTransport(Socket socket)
        : base("tcp")
    {
        _socket = socket;
        socket.NoDelay = true;
        LocalEndPoint = socket.LocalEndPoint!.ToString()!;
        RemoteEndPoint = socket.RemoteEndPoint!.ToString()!;
    }

    public override string LocalEndPoint { get; }

    public override string RemoteEndPoint { get; }

    public override void SetMonitor(ITransportMonitor usageMeter)
    {
    }

    public override bool ReadAsync(TransportAsyncCallbackArgs args)
    {
        if (_readAt < _readEnd)
        {
            FromBuffer(args);
            return Done(args);
        }

        // A large frame is read where it is wanted; small ones come several at a time.
        var direct = args.Count >= _read.Length;
        var target = direct ? args.Buffer.AsMemory(args.Offset, args.Count) : _read;
        var reading = _socket.ReceiveAsync(target, SocketFlags.None);
        if (!reading.IsCompletedSuccessfully)
        {
            _ = EndReadAsync(reading, args, direct);
            return true;
        }

        Read(args, reading.Result, direct);
        return Done(args);
    }

    public override bool WriteAsync(TransportAsyncCallbackArgs args)
    {
        var writing = args.Buffer is not null
            ? _socket.SendAsync(args.Buffer.AsMemory(args.Offset, args.Count), SocketFlags.None)
            : new ValueTask<int>(_socket.SendAsync([.. args.ByteBufferList.Select(static b => new ArraySegment<byte>(b.Buffer, b.Offset, b.Length))], SocketFlags.None));
        if (!writing.IsCompletedSuccessfully)
        {
            _ = EndWriteAsync(writing, args);
            return true;
        }

        args.BytesTransfered = writing.Result;
        return Done(args);
    }

    protected override bool CloseInternal()
    {
        _socket.Close();
        return true;
    }

    protected override void AbortInternal() => _socket.Close(0);

    private static bool Done(TransportAsyncCallbackArgs args)
    {
        args.Exception = null;
        args.CompletedSynchronously = true;
        return false;
    }

    private void FromBuffer(TransportAsyncCallbackArgs args)
    {
        var count = Math.Min(args.Count, _readEnd - _readAt);
        Buffer.BlockCopy(_read, _readAt, args.Buffer, args.Offset, count);
        _readAt += count;
        args.BytesTransfered = count;
    }

    private void Read(TransportAsyncCallbackArgs args, int count, bool direct)
    {
        if (direct)
        {
            args.BytesTransfered = count;
            return;
        }

        (_readAt, _readEnd) = (0, count);
        FromBuffer(args);
    }

    private async Task EndReadAsync(ValueTask<int> reading, TransportAsyncCallbackArgs args, bool direct)
    {
        try
        {
            Read(args, await reading, direct);
            args.Exception = null;
        }
        catch (Exception exception)
        {
            args.Exception = exception;
        }

        args.CompletedSynchronously = false;
        args.CompletedCallback(args);
    }

    private static async Task EndWriteAsync(ValueTask<int> writing, TransportAsyncCallbackArgs args)
    {
        try
        {
            args.BytesTransfered = await writing;
            args.Exception = null;
        }
        catch (Exception exception)
        {
            args.Exception = exception;
        }

        args.CompletedSynchronously = false;
        args.CompletedCallback(args);
    }
}
