using System.Collections.Immutable;
using ServerlessLoki.Batching.Residency;
using ServerlessLoki.Profiles;

namespace ServerlessLoki.Tests.Batching.Residency;

/// <summary>A small and a large variant, latencies in milliseconds.</summary>
internal static class Pairs
{
    public static ResidentVariant Small { get; } = new(0.7, new BatchLatency([1, 2, 4, 8], [10, 12, 16, 24]));

    public static ResidentVariant Large { get; } = new(0.9, new BatchLatency([1, 2, 4, 8], [30, 36, 48, 72]));

    /// <summary>All eight, shortest first: small ones of 10, 12, 16 and 24, large ones of 30, 36, 48 and 72.</summary>
    public static ImmutableArray<ResidentPair> Both => ResidentPairs.Of([Small, Large], 8, 100);

    /// <summary>For example <c>v1 b4</c>.</summary>
    public static string Text(this ResidentPair pair) => $"v{pair.Variant} b{pair.Batch}";
}
