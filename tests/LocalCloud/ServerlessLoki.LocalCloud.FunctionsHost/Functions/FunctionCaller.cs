using ServerlessLoki.LocalCloud.FunctionsHost.Protocol;
using ServerlessLoki.LocalCloud.FunctionsHost.Worker;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Functions;

/// <summary>Caller of functions. A call waits until a worker has loaded the app.</summary>
/// <param name="workers">Source of the running worker.</param>
/// <param name="timeout">Longest time of an invocation; null = no limit.</param>
/// <param name="time">Clock.</param>
internal sealed class FunctionCaller(IWorkers workers, TimeSpan? timeout, TimeProvider time)
{
    /// <summary>Time after its cancellation within which a function must end; otherwise its worker is ended.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    /// <summary>Data of the Durable engine for its clients: binding to JSON.</summary>
    public Func<FunctionBinding, string>? DurableClient { get; set; }

    /// <exception cref="FunctionFailedException">The function threw.</exception>
    /// <exception cref="FunctionOverdueException">It took too long.</exception>
    /// <exception cref="WorkerProcessExitException">The worker process ended.</exception>
    public async Task<TypedData?> CallAsync(FunctionInfo function, TypedData trigger, CancellationToken cancellationToken) =>
        await (await BeginAsync(function, trigger, [], cancellationToken)).Result;

    /// <summary>Sends an invocation to the worker.</summary>
    /// <param name="function">Function to call.</param>
    /// <param name="trigger">Value of the function's trigger.</param>
    /// <param name="metadata">Further values that parameters may be bound to, by name.</param>
    /// <param name="cancellationToken">Cancels the function, which may run on nevertheless.</param>
    public async Task<FunctionCall> BeginAsync(FunctionInfo function, TypedData trigger, IEnumerable<KeyValuePair<string, string>> metadata, CancellationToken cancellationToken)
    {
        var worker = await workers.LoadedAsync(cancellationToken);
        var request = new InvocationRequest
        {
            InvocationId = Guid.NewGuid().ToString(),
            FunctionId = function.Metadata.FunctionId,
            InputData = { new ParameterBinding { Name = function.Trigger.Name, Data = trigger } },
            TraceContext = new RpcTraceContext(),
        };
        foreach (var client in function.DurableClients)
            request.InputData.Add(new ParameterBinding { Name = client.Name, Data = new TypedData { String = DurableClient!(client) } });
        foreach (var (name, value) in metadata)
            request.TriggerMetadata[name] = new TypedData { String = value };
        var overdue = timeout is { } limit ? new CancellationTokenSource(limit, time) : new CancellationTokenSource();
        var late = overdue.Token;
        return new FunctionCall(request.InvocationId, worker.HttpUri, RunAsync(worker, function, request, overdue, cancellationToken), late);
    }

    private async Task<TypedData?> RunAsync(LoadedWorker worker, FunctionInfo function, InvocationRequest request, CancellationTokenSource overdue, CancellationToken cancellationToken)
    {
        using (overdue)
        {
            var response = worker.Channel.InvokeAsync(request, function.Name);
            await using var cancel = cancellationToken.Register(() => worker.Channel.Cancel(request.InvocationId));
            await using var late = overdue.Token.Register(() => worker.Channel.Cancel(request.InvocationId));
            StatusResult result;
            try
            {
                result = (timeout is { } limit ? await response.WaitAsync(limit + Grace, time, CancellationToken.None) : await response).Result;
            }
            catch (TimeoutException)
            {
                worker.Abort();
                throw new FunctionOverdueException(function.Name, timeout!.Value);
            }

            if (result.Status == StatusResult.Types.Status.Success)
                return (await response).ReturnValue;
            cancellationToken.ThrowIfCancellationRequested();
            throw overdue.IsCancellationRequested ? new FunctionOverdueException(function.Name, timeout!.Value) : new FunctionFailedException(result);
        }
    }
}
