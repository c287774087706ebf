using System.Collections.Concurrent;
using Grpc.Core;
using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Worker;

/// <summary>gRPC service that takes the calls of worker processes and hands each to the start that waits for it.</summary>
internal sealed class WorkerStreams(WorkerLog log) : FunctionRpc.FunctionRpcBase
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<WorkerChannel>> _expected = new(StringComparer.Ordinal);

    /// <summary>Returns a task that completes when the worker of this id has called.</summary>
    public Task<WorkerChannel> Expect(string workerId) => _expected.GetOrAdd(workerId, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Forget(string workerId) => _expected.TryRemove(workerId, out _);

    public override async Task EventStream(IAsyncStreamReader<StreamingMessage> requestStream, IServerStreamWriter<StreamingMessage> responseStream, ServerCallContext context)
    {
        if (!await requestStream.MoveNext(context.CancellationToken) || requestStream.Current.StartStream is not { } start || !_expected.TryRemove(start.WorkerId, out var expected))
            throw new RpcException(new Status(StatusCode.FailedPrecondition, "The first message must be the StartStream of a worker that this host started."));
        var channel = new WorkerChannel(requestStream, responseStream, log);
        var running = channel.RunAsync(context.CancellationToken);
        expected.SetResult(channel);
        await running;
    }
}
