using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Selector of the parent's rows that become children. Stateless and thread-safe.</summary>
public interface IRowSelector : IStageTransform
{
    /// <summary>Removes indices from <paramref name="kept"/> in place.</summary>
    /// <param name="rows">Decoded rows of the parent.</param>
    /// <param name="kept">Indices into <paramref name="rows"/> that earlier steps kept, ascending; must stay ascending.</param>
    /// <param name="config">Options of the transform, checked.</param>
    void Select(IReadOnlyList<OutputRow> rows, List<int> kept, TransformConfig config);
}
