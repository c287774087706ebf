using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>What a query brought, where it matters for what it is answered.</summary>
internal static class Inputs
{
    /// <summary>True when a tensor of the query holds values that are not finite: then a model that answers such is not to blame.</summary>
    public static bool HasNoNumbers(QueryInput? input) => input is TensorInput tensor && (tensor.IsPacked
        ? TensorPack.Read(tensor.Bytes).Any(static p => !Numbers.AreFinite(p.Datatype, p.Bytes.Span))
        : !Numbers.AreFinite(tensor.Datatype, tensor.Bytes.Span));
}
