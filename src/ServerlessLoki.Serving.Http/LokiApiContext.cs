using Microsoft.AspNetCore.Http;
using ServerlessLoki.Serving.Memory;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Runs;

namespace ServerlessLoki.Serving.Http;

/// <summary>Context of the endpoints. The port opens before the engine is there: until then the endpoints answer 503.</summary>
public sealed class LokiApiContext
{
    private ByteBudget? _budget;
    private volatile IServingEngine? _engine;
    private volatile IRuns? _runs;

    /// <summary>Limits of requests.</summary>
    public InferLimits Limits { get; init; } = new();

    /// <summary>Clock that measures the age of uploads.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Memory budget of running requests, of <see cref="InferLimits.MaxBytesInHand"/>.</summary>
    public ByteBudget Budget => _budget ?? Interlocked.CompareExchange(ref _budget, new ByteBudget(Limits.MaxBytesInHand, Time), null) ?? _budget!;

    /// <summary>Takes a share for a request, of the first size of its body. It grows with the bytes received.</summary>
    internal ByteBudget.Share Take(HttpRequest request) =>
        Take(request, Math.Min(request.ContentLength ?? BodyReader.FirstBlock, BodyReader.FirstBlock));

    /// <summary>Takes a share for the sender of a request.</summary>
    internal ByteBudget.Share Take(HttpRequest request, long bytes)
    {
        // HTTP/1 carries one request at a time on a connection, which bounds its share already.
        var connection = HttpProtocol.IsHttp2(request.Protocol) || HttpProtocol.IsHttp3(request.Protocol) ? request.HttpContext.Connection.Id : null;
        return Budget.Take(bytes, connection, request.HttpContext.Features.Get<CallerKey>()?.Name);
    }

    /// <summary>Serving engine; null while the host starts.</summary>
    public IServingEngine? Engine
    {
        get => _engine;
        set => _engine = value;
    }

    /// <summary>Durable runs; null while the host starts, or where none are kept. A request may have its own as a feature.</summary>
    public IRuns? Runs
    {
        get => _runs;
        set => _runs = value;
    }

    internal IServingEngine RequireEngine() => _engine ?? throw ApiFaultException.Starting();

    internal IRuns RequireRuns(HttpContext context) => context.Features.Get<IRuns>() ?? _runs ?? throw ApiFaultException.Starting();
}
