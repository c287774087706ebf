using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;
using Content = ServerlessLoki.LocalCloud.FunctionsHost.Protocol.StreamingMessage.ContentOneofCase;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Worker;

/// <summary>Channel to one worker process.</summary>
internal sealed class WorkerChannel(IAsyncStreamReader<StreamingMessage> reader, IServerStreamWriter<StreamingMessage> writer, WorkerLog log)
{
    private readonly Channel<StreamingMessage> _outgoing = Channel.CreateUnbounded<StreamingMessage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StreamingMessage>> _replies = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Running> _running = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _hungUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _ended;

    /// <summary>Task that completes when the worker has disconnected.</summary>
    public Task HungUp => _hungUp.Task;

    /// <summary>Transfers messages in both directions until the worker disconnects or the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = WriteAsync(ended.Token);
        try
        {
            while (await reader.MoveNext(ended.Token))
                Take(reader.Current);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException or RpcException)
        {
            // The worker is gone; what waits for it learns it below.
        }
        finally
        {
            await ended.CancelAsync();
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _hungUp.TrySetResult();
            End();
        }
    }

    /// <summary>Sends a request and waits for its reply.</summary>
    /// <exception cref="WorkerProcessExitException">The worker disconnected.</exception>
    public async Task<StreamingMessage> AskAsync(StreamingMessage request, CancellationToken cancellationToken)
    {
        request.RequestId = Guid.NewGuid().ToString();
        var reply = _replies.GetOrAdd(request.RequestId, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        Send(request);
        return await reply.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Invokes a function; the task ends with its response.</summary>
    /// <exception cref="WorkerProcessExitException">The worker disconnected.</exception>
    public Task<InvocationResponse> InvokeAsync(InvocationRequest request, string function)
    {
        var running = _running.GetOrAdd(request.InvocationId, static (_, name) => new Running(name), function);
        Send(new StreamingMessage { InvocationRequest = request });
        return running.Response.Task;
    }

    public void Cancel(string invocation)
    {
        if (_running.ContainsKey(invocation))
            Send(new StreamingMessage { InvocationCancel = new InvocationCancel { InvocationId = invocation } });
    }

    /// <summary>Asks the worker to end.</summary>
    public void Terminate(TimeSpan grace) => Send(new StreamingMessage { WorkerTerminate = new WorkerTerminate { GracePeriod = Duration.FromTimeSpan(grace) } });

    private void Send(StreamingMessage message)
    {
        _outgoing.Writer.TryWrite(message);
        if (_ended)
            End();
    }

    private void Take(StreamingMessage message)
    {
        switch (message.ContentCase)
        {
            case Content.RpcLog:
                log.Write(message.RpcLog, _running.TryGetValue(message.RpcLog.InvocationId, out var writer) ? writer.Function : null);
                break;
            case Content.InvocationResponse:
                if (_running.TryRemove(message.InvocationResponse.InvocationId, out var running))
                    running.Response.TrySetResult(message.InvocationResponse);
                break;
            default:
                if (_replies.TryRemove(message.RequestId, out var reply))
                    reply.TrySetResult(message);
                break;
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        await foreach (var message in _outgoing.Reader.ReadAllAsync(cancellationToken))
            await writer.WriteAsync(message, cancellationToken);
    }

    private void End()
    {
        _ended = true;
        foreach (var id in _running.Keys)
        {
            if (_running.TryRemove(id, out var running))
                running.Response.TrySetException(new WorkerProcessExitException($"The worker process ended while function '{running.Function}' ran."));
        }

        foreach (var id in _replies.Keys)
        {
            if (_replies.TryRemove(id, out var reply))
                reply.TrySetException(new WorkerProcessExitException("The worker process ended before it replied to the host."));
        }
    }

    private sealed record Running(string Function)
    {
        public TaskCompletionSource<InvocationResponse> Response { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
