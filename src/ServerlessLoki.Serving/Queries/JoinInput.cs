namespace ServerlessLoki.Serving.Queries;

/// <summary>Input that one arrival brings to a join.</summary>
/// <param name="Edge">Edge of the arrival.</param>
/// <param name="Row">Parent's row of the arrival; default for a raw tensor.</param>
/// <param name="Tensor">The parent's raw output row, for tasks that hand tensors on; null otherwise.</param>
public sealed record JoinInput(int Edge, OutputRow Row, RowTensor? Tensor);
