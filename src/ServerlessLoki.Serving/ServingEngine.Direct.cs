using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving;

/// <content>Inference on one variant: it is loaded first where no slot of the plan runs it.</content>
public sealed partial class ServingEngine
{
    /// <inheritdoc/>
    public VariantResult? RefuseInferEarly(string variant, TimeSpan latency, TimeSpan age) =>
        _index.Named(variant) is { } id ? _dispatcher.RefuseEarly(id.Pipeline, id.Task, id.Variant, latency, age) : null;

    /// <inheritdoc/>
    public async ValueTask<VariantResult> InferAsync(VariantRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var isHandedOn = false;
        try
        {
            if (_index.Named(request.Variant) is not { } id)
                throw new ArgumentException($"There is no variant {request.Variant}.", nameof(request));
            var (started, latency) = (_clock.Time.GetTimestamp(), request.Latency ?? Dispatcher.DirectLatency);
            if (await LoadAsync(request.Variant, id, latency, cancellationToken) is { } refusal)
                return refusal;
            isHandedOn = true;
            var left = latency - _clock.Time.GetElapsedTime(started);
            return await _dispatcher.SubmitAsync(id.Pipeline, id.Task, id.Variant, request with { Latency = left }, cancellationToken);
        }
        finally
        {
            if (!isHandedOn)
                request.Owner?.Dispose();
        }
    }

    /// <summary>Loads the variant; null once it is loaded, else the result of the refused inference.</summary>
    private async ValueTask<VariantResult?> LoadAsync(string variant, VariantId id, TimeSpan latency, CancellationToken cancellationToken)
    {
        if (!IsReady)
            return new VariantResult(QueryOutcome.Unavailable, "The models are still being loaded.", [], TimeSpan.FromSeconds(1));
        try
        {
            if (_slots.IsServed(id) || await _directLoads.EnsureAsync(id).WaitAsync(latency, _clock.Time, cancellationToken))
                return null;
            return new VariantResult(
                QueryOutcome.Unavailable, $"Variant {variant} cannot be loaded at present; the host's log says why. Another attempt follows.", [],
                _directLoads.RetryAfter(id) is var left && left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1));
        }
        catch (TimeoutException)
        {
            return new VariantResult(QueryOutcome.Expired, $"Variant {variant} was not loaded before the deadline.", []);
        }
        catch (OperationCanceledException)
        {
            return cancellationToken.IsCancellationRequested
                ? new VariantResult(QueryOutcome.Cancelled, "The caller went away.", [])
                : new VariantResult(QueryOutcome.Unavailable, "The server is shutting down.", [], TimeSpan.FromSeconds(1));
        }
    }
}
