using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Azure.Messaging.ServiceBus.Broker;

/// <summary>A client's end of one connection: many calls at once, told apart by their ids.</summary>
internal sealed class SocketConnection : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly NetworkStream _stream;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<long, TaskCompletionSource<WireFrame>> _calls = new();
    private readonly Task _reading;
    private long _lastId;

    private SocketConnection(Socket socket)
    {
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reading = ReadAsync();
    }

    public bool IsBroken { get; private set; }

    public static async Task<SocketConnection> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new SocketConnection(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task<BrokerReply> CallAsync(BrokerRequest request, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _lastId);
        var call = new TaskCompletionSource<WireFrame>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls[id] = call;
        try
        {
            // The flag is set before the calls are failed: one of the two sees the other.
            if (IsBroken)
                throw new IOException("The connection broke.");
            using var bytes = new MemoryStream();
            await using (var writer = new WireWriter(bytes))
                writer.Request(request);
            await WriteAsync(new WireFrame(id, WireKind.Request, bytes.ToArray()), cancellationToken);
            // Giving up asks the broker first: what it had handed over by then still arrives.
            await using var cancel = cancellationToken.UnsafeRegister(_ => _ = CancelAsync(id), null);
            var frame = await call.Task;
            if (frame.Kind == WireKind.Cancelled)
                throw new OperationCanceledException(cancellationToken);
            using var reader = new WireReader(new MemoryStream(frame.Body));
            return reader.Reply();
        }
        finally
        {
            _calls.TryRemove(id, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Calls that were given up: once the broker says so, it hands them nothing more.
        await Task.WhenAny(Task.WhenAll(_calls.Values.Select(static c => c.Task)), Task.Delay(Patience));
        await _stream.DisposeAsync();
        await _reading;
    }

    private async Task CancelAsync(long id)
    {
        try
        {
            await WriteAsync(new WireFrame(id, WireKind.Cancel, []), CancellationToken.None);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            Fail(exception);
        }
    }

    private async Task WriteAsync(WireFrame frame, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            // A frame is written whole or the connection is lost: no token here.
            await _stream.WriteAsync(frame.ToBytes(), CancellationToken.None);
        }
        catch (ObjectDisposedException exception)
        {
            throw new IOException("The connection was closed.", exception);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await WireFrame.ReadAsync(_stream, CancellationToken.None) is { } frame)
            {
                if (_calls.TryRemove(frame.Id, out var call))
                    call.TrySetResult(frame);
            }

            Fail(new IOException("The broker closed the connection."));
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
    }

    private void Fail(Exception exception)
    {
        IsBroken = true;
        foreach (var (id, _) in _calls)
        {
            if (_calls.TryRemove(id, out var call))
                call.TrySetException(exception as IOException ?? new IOException(exception.Message, exception));
        }
    }
}
