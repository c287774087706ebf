using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Models;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Stages;

namespace ServerlessLoki.Serving.Slots;

/// <summary>Loaded ONNX model in its place in a pipeline.</summary>
internal sealed class OnnxStageModel(PipelineSource source, PipelineTask task, Variant variant, OnnxModel model, TextEncoder? texts, AudioEncoder? sounds, EdgeTransforms[] edges, ParentImages images, DecoderRegistry decoders) : IStageModel
{
    public ModelDescription Description { get; } = ModelDescription.Of(source.Pipeline, task, model);

    public string Provider => model.Provider;

    public string? ProviderFallback => model.ProviderFallback;

    public string? HeldBecause => model.HeldBecause;

    public IStageRunner CreateRunner()
    {
        var outputs = StageOutputs.Of(OutputFit.Of(source, task, model), decoders);
        return model.IsSized && texts is null && sounds is null
            ? new Runner(source.Pipeline, task, variant.Image, model.CreateRunner(), outputs, edges, images)
            : new LooseStageRunner(source.Pipeline, task, variant.Input.Text, model.CreateLooseRunner(), outputs, texts, sounds, edges);
    }

    public void Dispose() => model.Dispose();

    private sealed class Runner(Pipeline pipeline, PipelineTask task, ImageForm form, ModelRunner runner, StageOutputs outputs, EdgeTransforms[] edges, ParentImages images) : IStageRunner
    {
        private readonly List<OutputRow> _rows = [];
        private readonly OutputValues _values = new(runner.Model.Outputs, runner.OutputRowBytes, (_, output) => runner.OutputShape(output).AsSpan(1))
        {
            Masks = MaskInput.Of(runner.Model, (row, input) => runner.InputRowBytes(row, input)),
        };
        private readonly RowsInPlace _inPlace = new(runner);
        private readonly PicturePlaces? _places = task.Output.Kind is TaskOutputKind.Detections or TaskOutputKind.Segmentation ? new PicturePlaces(runner.Model.Inputs[0], form, runner.MaxBatch) : null;

        public int MaxBatch => runner.MaxBatch;

        public void Warm(int batch) => runner.Run(Math.Min(batch, runner.MaxBatch));

        public void Fill(int row, StageItem item)
        {
            if (_inPlace.TryAdd(row, item))
                return;
            _inPlace.CopyIn();
            _places?.Clear(row);
            if (item.Scope is DirectQuery direct)
            {
                for (var input = 0; input < runner.Model.Inputs.Length; input++)
                    direct.InputRow(input, item.ParentRow).CopyTo(runner.InputRowBytes(row, input));
            }
            else if (item.Edge < 0 || (edges[item.Edge].Source == EdgeSource.Query && item.Scope.Input is TensorInput))
            {
                RootInput.Fill(item.Scope.Input!, form, runner, row);
                if (item.Scope.Input is ImageInput picture)
                    _places?.Set(row, picture.Width, picture.Height, ImageRegion.Whole);
            }
            else if (edges[item.Edge].Source == EdgeSource.ParentTensors)
            {
                foreach (var (input, value) in edges[item.Edge].Tensors(item, runner.Model).Index())
                {
                    runner.Model.Inputs[input].CheckRow(value, runner.Model.HasBatch);
                    value.Bytes.Span.CopyTo(runner.InputRowBytes(row, input));
                }
            }
            else if (item.Scope.Input is ImageInput image)
            {
                using var pixels = image.Open();
                FillFrom(pixels.Image, row, item);
            }
            else
            {
                FillFrom(null, row, item);
            }
        }

        private void FillFrom(RgbImage? image, int row, StageItem item)
        {
            if (item.Inputs is { } inputs)
            {
                JoinAssembly.Fill(task, edges, inputs, image, form, runner.Model.Inputs[0], runner.InputRowBytes(row));
                if (_places is not null && image is not null && JoinAssembly.TakesPicture(task, edges))
                    _places.Set(row, image.Width, image.Height, ImageRegion.Whole);
                return;
            }

            // A text has some length too, which is no reason to take it for the row.
            var handed = item.Tensor is { } tensor && pipeline.Tasks[item.ParentTask].Output.Kind is TaskOutputKind.Tensor or TaskOutputKind.Embedding ? tensor.First : [];
            var source = new StageSource(image, item.Region, handed)
            {
                ParentImage = handed.IsEmpty ? null : images.Find(item.Edge, handed.Length / sizeof(float)),
                Form = form,
            };
            edges[item.Edge].Fill(source, runner, row);
            if (_places is not null && image is not null && edges[item.Edge].RegionOf(source, runner.Model.Inputs[0]) is { } region)
                _places.Set(row, image.Width, image.Height, region);
        }

        public void Run(int batch)
        {
            if (_inPlace.Take() is { } rows)
                runner.Run(rows, batch);
            else
                runner.Run(batch);
        }

        public void Clear(int rows)
        {
            for (var input = 0; input < runner.Model.Inputs.Length; input++)
                runner.InputBytes(rows, input).Clear();
        }

        public bool TryRead(int row, out OutputRow[] rows, out RowTensor? tensor)
        {
            tensor = null;
            rows = [];
            if (task.Output.Kind == TaskOutputKind.Tensor)
            {
                tensor = new RowTensor([.. runner.Model.Outputs.Where(o => TaskTensors.IsHandedOn(task.Output, o.Name)).Select(o => Part(o, row))]);
                return tensor.Parts.All(static p => Numbers.AreIn(p));
            }

            (_values.Row, _values.Picture) = (row, _places?.Of(row));
            if (task.Output.IsMade)
                return (tensor = outputs.Read(_values)) is not null;
            if (!outputs.TryRead(_values, _rows))
                return false;
            _places?.TurnBack(row, _rows, outputs.Places);
            rows = [.. _rows];
            return !outputs.HasMasks || (tensor = outputs.Masks(_values, _rows)) is not null;
        }

        private TensorPart Part(ModelTensor tensor, int row) =>
            new(tensor.Name, tensor.Datatype, [.. runner.OutputShape(tensor.Index).AsSpan(1)], runner.OutputRowBytes(row, tensor.Index).ToArray());

        public RowTensor? ReadProbabilities(int row)
        {
            _values.Row = row;
            return outputs.ReadProbabilities(_values);
        }

        public void ReadRaw(int row, DirectQuery query, int queryRow)
        {
            for (var i = 0; i < runner.Model.Outputs.Length; i++)
                query.Write(i, runner.Model.Outputs.Length, queryRow, runner.OutputRowBytes(row, i));
        }

        public void Dispose() => runner.Dispose();
    }
}
