// The second sample app: another language, another database, another way of health and of secrets than the first.
// It keeps notes in SQLite, below DATA_DIR. Secrets come from the environment of the process.
package main

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	_ "modernc.org/sqlite"
)

const (
	address     = ":8000"
	largestNote = 1 << 20
	stopAfter   = 20 * time.Second
)

// The app refuses to start without its secrets, as a real app does.
func required(name string) string {
	value := os.Getenv(name)
	if value == "" {
		log.Fatalf("%s is missing in the environment", name)
	}
	return value
}

func openNotes(directory string) (*sql.DB, error) {
	path := filepath.Join(directory, "notes.db")
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=busy_timeout(5000)")
	if err != nil {
		return nil, err
	}
	_, err = db.Exec("CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
	return db, err
}

type app struct {
	db      *sql.DB
	token   string
	version string
}

func (a app) count(ctx context.Context) (int, error) {
	var count int
	err := a.db.QueryRowContext(ctx, "SELECT count(*) FROM notes").Scan(&count)
	return count, err
}

// Plain health: "ok" and 200, or 503. The version is in a header.
func (a app) health(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Version", a.version)
	if _, err := a.count(r.Context()); err != nil {
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

func (a app) add(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestNote))
	if err != nil {
		http.Error(w, "the note is too large", http.StatusRequestEntityTooLarge)
		return
	}
	if _, err := a.db.ExecContext(r.Context(), "INSERT INTO notes (text) VALUES (?)", string(text)); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	a.list(w, r)
}

func (a app) list(w http.ResponseWriter, r *http.Request) {
	count, err := a.count(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"count": count, "version": a.version})
}

// Only the holder of the token may clear the notes: it proves that the secret arrived.
func (a app) clear(w http.ResponseWriter, r *http.Request) {
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+a.token)) != 1 {
		http.Error(w, "the token is wrong", http.StatusForbidden)
		return
	}
	if _, err := a.db.ExecContext(r.Context(), "DELETE FROM notes"); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	a.list(w, r)
}

func (a app) home(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintf(w, "Notes, version %s\n", a.version)
}

func (a app) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.home)
	mux.HandleFunc("GET /healthz", a.health)
	mux.HandleFunc("GET /notes", a.list)
	mux.HandleFunc("POST /notes", a.add)
	mux.HandleFunc("DELETE /notes", a.clear)
	return mux
}

// Serves until SIGTERM, then finishes the requests in progress.
func serve(server *http.Server) error {
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		<-stop.Done()
		limit, cancel := context.WithTimeout(context.Background(), stopAfter)
		defer cancel()
		ended <- server.Shutdown(limit)
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-ended
}

func main() {
	required("SESSION_KEY")
	directory := os.Getenv("DATA_DIR")
	if directory == "" {
		directory = "/data"
	}
	db, err := openNotes(directory)
	if err != nil {
		log.Fatalf("notes.db in %s: %v", directory, err)
	}
	defer db.Close()
	served := app{db: db, token: required("ADMIN_TOKEN"), version: os.Getenv("APP_VERSION")}
	log.Printf("listening on %s, version %s", address, served.version)
	if err := serve(&http.Server{Addr: address, Handler: served.routes(), ReadHeaderTimeout: 10 * time.Second}); err != nil {
		log.Fatal(err)
	}
}
