using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Chooses which of the parent's rows become children. Stateless and thread-safe.</summary>
public interface IRowSelector : IStageTransform
{
    /// <summary>Narrows <paramref name="kept"/> in place.</summary>
    /// <param name="rows">All decoded rows of the parent.</param>
    /// <param name="kept">Indices into <paramref name="rows"/> that earlier steps kept; ascending. Must stay so.</param>
    /// <param name="config">Its options, checked.</param>
    void Select(IReadOnlyList<OutputRow> rows, List<int> kept, TransformConfig config);
}
