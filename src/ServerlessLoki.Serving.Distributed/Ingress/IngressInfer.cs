using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Distributed.Messages;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Distributed.Ingress;

/// <summary>Direct inference whose rows run on workers: each row's outputs count once.</summary>
internal sealed class IngressInfer : IngressScope
{
    private readonly DirectQuery _query;
    private readonly bool[] _taken;
    private readonly Lock _gate = new();
    private int? _outputs;
    private bool _isForgotten;

    /// <param name="query">Direct inference; a reference to it is held until <see cref="Forget"/>, since outputs may still be written when
    /// it ends.</param>
    /// <param name="variant">Variant to run.</param>
    public IngressInfer(DirectQuery query, VariantId variant)
        : base(query)
    {
        (_query, Variant, _taken) = (query, variant, new bool[query.Request.Rows]);
        query.AddReference();
    }

    public VariantId Variant { get; }

    /// <summary>Time since which no worker runs the variant, on the engine's clock, microseconds; null while one does. Used by one
    /// loop.</summary>
    public long? DesertedUs { get; set; }

    /// <summary>Makes the payload of a row.</summary>
    public StagePayload Row(int row) => new()
    {
        Kind = StagePayloadKind.Rows,
        Bytes = TensorPack.Write([.. _query.Request.Inputs.Select((_, i) => new TensorPart("", "", _query.Request.ShapeOf(i), _query.InputRows(i, row, 1)))]),
    };

    /// <summary>Returns the row's share of the weight, which identifies the row.</summary>
    public Credit CreditOf(int row) => Credit.Whole.Split(row, _taken.Length);

    public override void Take(StageReply reply)
    {
        lock (_gate)
        {
            if ((uint)reply.ParentRow >= (uint)_taken.Length)
                throw new FormatException($"Variant {reply.Variant} answered row {reply.ParentRow} of {_taken.Length}.");
            if (_isForgotten || _query.HasEnded || _taken[reply.ParentRow])
                return;
            if (reply.Failure is { } failure)
            {
                _query.Fail(failure.Outcome, failure.Error, failure.RetryAfter);
                return;
            }

            if (reply.Tensor is not { Kind: StagePayloadKind.Rows } packed)
                throw new FormatException($"Variant {reply.Variant} answered without its outputs.");
            var outputs = TensorPack.Read(packed.Bytes);
            if (outputs.Length != (_outputs ??= outputs.Length))
                throw new FormatException($"Variant {reply.Variant} answered rows with {_outputs} and with {outputs.Length} outputs.");
            for (var i = 0; i < outputs.Length; i++)
            {
                if (outputs[i].Name.Length == 0)
                    _query.Write(i, outputs.Length, reply.ParentRow, outputs[i].Bytes.Span);
                else
                    _query.WriteLoose(i, outputs.Length, reply.ParentRow, outputs[i]);
            }

            _taken[reply.ParentRow] = true;
            _query.Report(new StageItem { Scope = _query, Task = Variant.Task, Variant = Variant.Variant, ParentRow = reply.ParentRow }, [], null, 0);
        }
    }

    public override void Forget()
    {
        lock (_gate)
        {
            if (_isForgotten)
                return;
            _isForgotten = true;
        }

        _query.Release();
    }
}
