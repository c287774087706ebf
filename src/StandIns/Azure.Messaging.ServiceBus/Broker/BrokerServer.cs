using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Azure.Messaging.ServiceBus.Broker;

/// <summary>Lets other processes use a broker over a Unix socket. A client that dies keeps its locks until they expire.</summary>
internal sealed class BrokerServer : IAsyncDisposable
{
    private readonly MessageBroker _broker;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, byte> _connections = new();
    private readonly string _path;
    private readonly Task _accepting;

    public BrokerServer(string path, MessageBroker broker)
    {
        (_path, _broker) = (path, broker);
        // A socket that a killed process left behind is in the way, one that answers is another broker.
        if (File.Exists(path) && !Answers(path))
            File.Delete(path);
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen(64);
        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections.Keys);
        File.Delete(_path);
    }

    private static bool Answers(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var connection = ServeAsync(await _listener.AcceptAsync(_stop.Token));
                _connections.TryAdd(connection, 0);
                _ = connection.ContinueWith(c => _connections.TryRemove(c, out var _), TaskScheduler.Default);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await Task.Yield();
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        using var writing = new SemaphoreSlim(1, 1);
        var calls = new ConcurrentDictionary<long, CancellationTokenSource>();
        var answers = new ConcurrentDictionary<Task, byte>();
        try
        {
            while (await WireFrame.ReadAsync(stream, gone.Token) is { } frame)
            {
                if (frame.Kind == WireKind.Cancel)
                {
                    if (calls.TryGetValue(frame.Id, out var call))
                        await call.CancelAsync();
                    continue;
                }

                var cancel = CancellationTokenSource.CreateLinkedTokenSource(gone.Token);
                calls[frame.Id] = cancel;
                var answer = AnswerAsync(frame, stream, writing, cancel.Token);
                answers.TryAdd(answer, 0);
                _ = answer.ContinueWith(
                    a =>
                    {
                        answers.TryRemove(a, out var _);
                        calls.TryRemove(frame.Id, out var _);
                    },
                    TaskScheduler.Default);
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidDataException)
        {
        }

        // Receives that still wait must not take messages for a client that is gone.
        await gone.CancelAsync();
        await Task.WhenAll(answers.Keys);
    }

    private async Task AnswerAsync(WireFrame frame, NetworkStream stream, SemaphoreSlim writing, CancellationToken cancellationToken)
    {
        await Task.Yield();
        using var body = new MemoryStream();
        var kind = WireKind.Reply;
        try
        {
            using var reader = new WireReader(new MemoryStream(frame.Body));
            var reply = await _broker.ExecuteAsync(reader.Request(), cancellationToken);
            await using var writer = new WireWriter(body);
            writer.Reply(reply);
        }
        catch (OperationCanceledException)
        {
            kind = WireKind.Cancelled;
        }
        catch (Exception exception)
        {
            body.SetLength(0);
            await using var writer = new WireWriter(body);
            writer.Reply(BrokerReply.Refused(ServiceBusFailureReason.GeneralError, exception.Message));
        }

        await writing.WaitAsync(CancellationToken.None);
        try
        {
            await stream.WriteAsync(new WireFrame(frame.Id, kind, body.ToArray()).ToBytes(), CancellationToken.None);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The client is gone; what it had been given comes back when the locks expire.
        }
        finally
        {
            writing.Release();
        }
    }
}
