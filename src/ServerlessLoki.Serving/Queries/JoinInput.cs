namespace ServerlessLoki.Serving.Queries;

/// <summary>What one arrival brings to a join.</summary>
/// <param name="Edge">Edge that it came along.</param>
/// <param name="Row">The parent's row that it is about; default for a raw tensor.</param>
/// <param name="Tensor">The parent's raw output row, for tasks that hand tensors on; null otherwise.</param>
public sealed record JoinInput(int Edge, OutputRow Row, RowTensor? Tensor);
