using ServerlessLoki.Serving.Dispatch;

namespace ServerlessLoki.Serving.Api;

/// <summary>A direct inference and the memory it reads; dispose it when the result is there.</summary>
/// <param name="Request">The body, parsed.</param>
/// <param name="Variant">What the engine gets.</param>
public sealed record VariantCall(InferRequest Request, VariantRequest Variant) : IDisposable
{
    /// <inheritdoc />
    public void Dispose() => Request.Dispose();
}
