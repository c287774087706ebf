using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Makes the tensors of one row of a batch. Made for one model by <see cref="ITensorDecoder.Bind"/>; stateless and thread-safe.</summary>
public interface ITensorReader
{
    /// <summary>What the row's task hands on.</summary>
    /// <param name="row">The row.</param>
    /// <returns>Null when a value that the answer rests on is no number.</returns>
    /// <exception cref="ModelException">The outputs do not fit each other; says how. Only this row fails.</exception>
    RowTensor? Read(IRowValues row);
}
