using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Direct inference with its parsed request.</summary>
/// <param name="Request">Parsed body. Its tensors must not be read once the engine has <paramref name="Variant"/>.</param>
/// <param name="Variant">Request for the engine, which owns the memory.</param>
public sealed record VariantCall(InferRequest Request, VariantRequest Variant);
