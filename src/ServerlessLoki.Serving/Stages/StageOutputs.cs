using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Decoder of a model's outputs to detections or classes, by the task's settings. Used by one thread at a time.</summary>
internal sealed class StageOutputs
{
    private readonly int _output;
    private readonly IDetectionReader? _reader;
    private readonly DetectionForm? _form;
    private readonly DetectionList? _found;
    private readonly ClassScores? _classes;
    private readonly ITensorReader? _tensors;

    private StageOutputs(TaskOutput expected, int output, IDetectionReader? reader, DetectionForm? form)
    {
        (_output, _reader, _form) = (output, reader, form);
        _found = form is null ? null : new DetectionList(form);
        _classes = expected.Kind == TaskOutputKind.Classification ? new ClassScores(expected) : null;
    }

    private StageOutputs(ITensorReader tensors) => (_output, _tensors) = (-1, tensors);

    /// <summary>Returns why a model's outputs do not fit a task; null if they do.</summary>
    public static string? Check(OutputFit fit, DecoderRegistry decoders)
    {
        TryBind(fit, decoders, out var fault);
        return fault;
    }

    /// <summary>Returns the number of the model's classes without a label; 0 where there are none, or the number is not known.</summary>
    public static int ClassesWithoutLabel(OutputFit fit, DecoderRegistry decoders) => fit.Expected.Kind == TaskOutputKind.Detections && fit.Labels > 0
        ? Math.Max(0, (decoders.Bind(fit).Classes ?? 0) - fit.Labels) : 0;

    /// <summary>Makes the decoder of a model's rows.</summary>
    /// <exception cref="ModelException">The model does not fit.</exception>
    public static StageOutputs Of(OutputFit fit, DecoderRegistry decoders) =>
        TryBind(fit, decoders, out var fault) ?? throw new ModelException($"{fault}.");

    /// <summary>Reads one row of the batch.</summary>
    /// <param name="outputs">Output values of the row.</param>
    /// <param name="rows">Receives detections, or the best classes; none for a raw tensor. Cleared first.</param>
    /// <returns>False when a value that the answer depends on is NaN or infinite. Minus infinity is valid among logits, where it means
    /// "impossible".</returns>
    public bool TryRead(IOutputValues outputs, List<OutputRow> rows)
    {
        rows.Clear();
        if (_reader is not null && _found is not null)
        {
            _found.Clear();
            if (!_reader.TryRead(outputs, _found))
                return false;
            _found.CopyTo(rows);
            return _reader is not IPointReader points || TryAddPoints(points, outputs, rows);
        }

        return _classes is null || _classes.TryRead(outputs.Of(_output), rows);
    }

    /// <summary>Where the reader finds more about each row that <see cref="TryRead"/> has read.</summary>
    public List<int> Places => _found?.Places ?? [];

    /// <summary>True where detections have masks.</summary>
    public bool HasMasks => _reader is IMaskReader;

    /// <summary>The masks of rows that <see cref="TryRead"/> has read, and that are those of the picture; null when a value is no number.</summary>
    public RowTensor? Masks(IRowValues outputs, IReadOnlyList<OutputRow> rows) => ((IMaskReader)_reader!).Masks(outputs, rows, Places);

    /// <summary>The probabilities of all classes of a row that <see cref="TryRead"/> has read; null where the task is no classification.</summary>
    public RowTensor? ReadProbabilities(IOutputValues outputs) => _classes?.All(outputs.Of(_output));

    /// <summary>Makes the tensors of one row of the batch, for a task whose tensors are made.</summary>
    /// <returns>Null when a value that the answer rests on is no number.</returns>
    public RowTensor? Read(IRowValues row) => _tensors!.Read(row);

    private bool TryAddPoints(IPointReader reader, IOutputValues outputs, List<OutputRow> rows)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            if (reader.PointsOf(outputs, Places[i], _form!) is not { } points)
                return false;
            rows[i] = rows[i] with { Points = points };
        }

        return true;
    }

    private static StageOutputs? TryBind(OutputFit fit, DecoderRegistry decoders, out string? fault)
    {
        var expected = fit.Expected;
        if (expected.Tensor is not null && fit.Tensor.Name != expected.Tensor)
        {
            fault = $"it has no output '{expected.Tensor}'; it has {string.Join(", ", fit.Outputs)}";
            return null;
        }

        if (expected.Kind == TaskOutputKind.Detections)
            return Detections(fit, decoders, out fault);
        if (expected.IsMade)
        {
            var binding = TensorDecoders.Bind(fit, decoders);
            fault = binding.Fault;
            return binding.Reader is { } reader ? new StageOutputs(reader) : null;
        }

        var tensor = fit.Tensor;
        fault = expected.Kind == TaskOutputKind.Tensor || (Classes(tensor) is { } classes && (fit.Labels == 0 || fit.Labels == classes)) ? null
            : $"output {tensor}: a classification must be FP32 or FP16 [N, {(fit.Labels == 0 ? "classes" : fit.Labels)}], one value per {(fit.Labels == 0 ? "class" : "label")}";
        return fault is null ? new StageOutputs(expected, tensor.Index, null, null) : null;
    }

    /// <summary>Returns the number of values of a row that has one dimension, other dimensions of length 1 not counted; null for another
    /// output.</summary>
    private static int? Classes(ModelTensor tensor) =>
        OutputFit.IsReal(tensor) && tensor.Shape.Length > 1 && tensor.Shape.Skip(1).Count(d => d != 1) <= 1 && tensor.RowElements > 0 ? tensor.RowElements : null;

    private static StageOutputs? Detections(OutputFit fit, DecoderRegistry decoders, out string? fault)
    {
        var binding = decoders.Bind(fit);
        fault = binding.Fault;
        var form = binding.Reader is null ? null : DetectionForm.Of(fit, binding.Defaults, out fault);
        return form is null ? null : new StageOutputs(fit.Expected, -1, binding.Reader, form);
    }
}
