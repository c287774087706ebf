using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Reader that makes the tensors of one row of a batch. Made for one model by <see cref="ITensorDecoder.Bind"/>; stateless and
/// thread-safe.</summary>
public interface ITensorReader
{
    /// <summary>Makes the tensors that the row's task hands on.</summary>
    /// <param name="row">Values of the row.</param>
    /// <returns>Tensors; null when a value that the answer depends on is NaN or infinite.</returns>
    /// <exception cref="ModelException">The outputs do not fit each other; says how. Only this row fails.</exception>
    RowTensor? Read(IRowValues row);
}
