using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>A direct inference.</summary>
/// <param name="Request">The body, parsed. Its tensors are not to be read any more once the engine has <paramref name="Variant"/>.</param>
/// <param name="Variant">What the engine gets, and with it the memory.</param>
public sealed record VariantCall(InferRequest Request, VariantRequest Variant);
