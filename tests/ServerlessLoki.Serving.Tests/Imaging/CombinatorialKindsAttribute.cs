using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace ServerlessLoki.Serving.Tests.Imaging;

/// <summary>Every colour type and bit depth of the standard, with every filter, plain and interlaced.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CombinatorialKindsAttribute : DataAttribute
{
    private static readonly (int Color, int[] Depths)[] Kinds =
        [(0, [1, 2, 4, 8, 16]), (2, [8, 16]), (3, [1, 2, 4, 8]), (4, [8, 16]), (6, [8, 16])];

    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker)
    {
        var rows =
            from kind in Kinds
            from depth in kind.Depths
            from filter in Enumerable.Range(0, 5)
            from interlaced in new[] { false, true }
            select (ITheoryDataRow)new TheoryDataRow(kind.Color, depth, filter, interlaced);
        return ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>([.. rows]);
    }

    public override bool SupportsDiscoveryEnumeration() => true;
}
