using System.Runtime.InteropServices;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Slots;

/// <summary>What a query brought, where it matters for what it is answered.</summary>
internal static class Inputs
{
    /// <summary>True when a tensor holds values that are not numbers, read as FP32: then a model that answers such is not to blame. Values of
    /// other types are looked at alike, which may excuse a model, and never blames one.</summary>
    public static bool HasNoNumbers(QueryInput? input)
    {
        if (input is not TensorInput tensor || tensor.Bytes.Length % sizeof(float) != 0)
            return false;
        foreach (var value in MemoryMarshal.Cast<byte, float>(tensor.Bytes.Span))
        {
            if (!float.IsFinite(value))
                return true;
        }

        return false;
    }
}
