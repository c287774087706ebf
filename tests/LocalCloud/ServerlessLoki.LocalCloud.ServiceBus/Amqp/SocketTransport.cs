using System.Net.Sockets;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Transport;

namespace ServerlessLoki.LocalCloud.ServiceBus.Amqp;

/// <summary>Transport of the AMQP library over an accepted socket.</summary>
internal sealed class SocketTransport : TransportBase
{
    private readonly Socket _socket;
    private readonly FrameBuffer _received;

    public SocketTransport(Socket socket, int maxFrameBytes)
        : base("tcp")
    {
        (_socket, _received) = (socket, new FrameBuffer(maxFrameBytes));
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
        var reading = _received.HasChecked ? ValueTask.CompletedTask : ReceiveAsync();
        if (!reading.IsCompletedSuccessfully)
        {
            _ = EndReadAsync(reading, args);
            return true;
        }

        Read(args);
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

    /// <summary>Receives until there are bytes to read, or the peer has closed.</summary>
    private async ValueTask ReceiveAsync()
    {
        while (!_received.HasChecked && await _socket.ReceiveAsync(_received.Free(), SocketFlags.None) is var count and > 0)
            _received.Received(count);
    }

    private void Read(TransportAsyncCallbackArgs args) => args.BytesTransfered = _received.Read(args.Buffer.AsSpan(args.Offset, args.Count));

    private async Task EndReadAsync(ValueTask reading, TransportAsyncCallbackArgs args)
    {
        try
        {
            await reading;
            Read(args);
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
