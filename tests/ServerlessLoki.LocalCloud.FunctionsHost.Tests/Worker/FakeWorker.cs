using System.Threading.Channels;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;
using ServerlessLoki.LocalCloud.FunctionsHost.Worker;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.Worker;

/// <summary>The worker's end of a channel, played by the test.</summary>
internal sealed class FakeWorker : IAsyncStreamReader<StreamingMessage>, IServerStreamWriter<StreamingMessage>, IWorkers
{
    private readonly Channel<StreamingMessage> _toHost = System.Threading.Channels.Channel.CreateUnbounded<StreamingMessage>();
    private readonly Channel<StreamingMessage> _toWorker = System.Threading.Channels.Channel.CreateUnbounded<StreamingMessage>();
    private readonly Task _running;

    public FakeWorker()
    {
        Host = new WorkerChannel(this, this, new WorkerLog(NullLoggerFactory.Instance));
        _running = Host.RunAsync(CancellationToken.None);
    }

    /// <summary>The host's end.</summary>
    public WorkerChannel Host { get; }

    public bool IsAborted { get; private set; }

    public StreamingMessage Current { get; private set; } = new();

    public WriteOptions? WriteOptions { get; set; }

    public Task<LoadedWorker> LoadedAsync(CancellationToken cancellationToken) => Task.FromResult(new LoadedWorker(Host, null, () => IsAborted = true));

    /// <summary>The next message from the host.</summary>
    public async Task<StreamingMessage> NextAsync() => await _toWorker.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public void Say(StreamingMessage message) => _toHost.Writer.TryWrite(message);

    public void Respond(string invocation, StatusResult result, TypedData? value = null) =>
        Say(new StreamingMessage { InvocationResponse = new InvocationResponse { InvocationId = invocation, Result = result, ReturnValue = value } });

    public Task HangUpAsync()
    {
        _toHost.Writer.Complete();
        return _running;
    }

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (!await _toHost.Reader.WaitToReadAsync(cancellationToken))
            return false;
        Current = await _toHost.Reader.ReadAsync(cancellationToken);
        return true;
    }

    public async Task WriteAsync(StreamingMessage message) => await _toWorker.Writer.WriteAsync(message);

    public async Task WriteAsync(StreamingMessage message, CancellationToken cancellationToken) => await _toWorker.Writer.WriteAsync(message, cancellationToken);
}
