using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.DurableTask.Protobuf;

namespace ServerlessLoki.Functions.Tests;

/// <summary>Keeps the latest turn of each orchestration that the engine sent: its history so far, and what is new.</summary>
internal sealed class OrchestrationRecorder : Interceptor
{
    private readonly ConcurrentDictionary<string, OrchestratorRequest> _latest = new(StringComparer.Ordinal);

    /// <summary>The last turn of an orchestration.</summary>
    public OrchestratorRequest Last(string instance) => _latest[instance];

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        continuation(request, new Writer<TResponse>(responseStream, this), context);

    private sealed class Writer<T>(IServerStreamWriter<T> inner, OrchestrationRecorder recorder) : IServerStreamWriter<T>
    {
        public WriteOptions? WriteOptions
        {
            get => inner.WriteOptions;
            set => inner.WriteOptions = value;
        }

        public Task WriteAsync(T message)
        {
            if (message is WorkItem { OrchestratorRequest: { } turn })
                recorder._latest[turn.InstanceId] = turn.Clone();
            return inner.WriteAsync(message);
        }
    }
}
