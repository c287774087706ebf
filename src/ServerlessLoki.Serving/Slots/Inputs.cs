using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Properties of a query's input that matter for judging its answer.</summary>
internal static class Inputs
{
    /// <summary>Tests whether a tensor of the query holds values that are not finite: the model is then not at fault when its answer holds
    /// such values.</summary>
    public static bool HasNoNumbers(QueryInput? input) => input is TensorInput tensor && (tensor.IsPacked
        ? TensorPack.Read(tensor.Bytes).Any(static p => !Numbers.AreFinite(p.Datatype, p.Bytes.Span))
        : !Numbers.AreFinite(tensor.Datatype, tensor.Bytes.Span));
}
